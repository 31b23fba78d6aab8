"""
Train the project's own tokenizer: byte-level BPE, small enough to travel with every model that is trained from scratch.

    python tools/train_tokenizer.py books.txt.xz comments.txt.xz --size 4096 --out src/hatetinyllm/text/tokenizer.json

The texts are files of one document a line, plain or .xz, free to train on (public domain, CC0, Apache-2.0). Of each file
the command takes the same number of characters, from lines spread evenly over it, through the one normalisation; the
same files give the same bytes. Every byte has an entry, so nothing is unknown. Digits stand alone, case is kept, and a
word that is rare in the texts gets no entry of its own.
"""

import argparse
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

from hatetinyllm.pretraining.vocabulary import learn_vocabulary
from hatetinyllm.text.normalise import normalise


def lines_of(path: Path) -> Iterator[str]:
    """The documents of a file, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as stream:
        for line in stream:
            yield line.rstrip("\n")


def sample(path: Path, characters: int) -> Iterator[str]:
    """About `characters` of a file in normal form, from lines spread evenly over all of it."""
    every = max(1, sum(len(line) for line in lines_of(path)) // characters)
    for number, line in enumerate(lines_of(path)):
        if number % every == 0:
            yield normalise(line).text


def main(arguments: list[str]) -> None:
    """Read the texts, train, write the file."""
    parser = argparse.ArgumentParser(description="Train the project's own tokenizer.")
    parser.add_argument("texts", nargs="+", type=Path, help="files of one document a line, plain or .xz")
    parser.add_argument("--size", type=int, default=4096, help="number of entries")
    parser.add_argument("--characters", type=int, default=4_000_000, help="how much to take of each file")
    parser.add_argument("--out", type=Path, required=True, help="where to write tokenizer.json")
    options = parser.parse_args(arguments)
    texts = (text for path in options.texts for text in sample(path, options.characters))
    options.out.write_text(learn_vocabulary(texts, options.size).to_str(pretty=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
