"""
Find where English doubles a letter, and where it has an l rather than an i: a letter held down (`kiiilll`) can then be let
go at one or at two, and a `1` inside a word read as the likelier of the two.

    python tools/make_letters.py books.txt.xz comments.txt.xz --out src/hatetinyllm/text

A place is two letters before, the letter (only in `doubled.txt`), and the one after; `^` and `$` are the ends of a word. It is
listed in `doubled.txt` where words with the letter twice are more frequent than words with it once, in `one.txt` where l is more
frequent than i. Texts are files of one document a line, free to train on, plain or .xz; each file counts the same. Words that
stand once in a million or less are left out.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from train_tokenizer import sample

RARE = 1.0  # of a million words
WIDTH = 120

Frequencies = dict[str, float]


def frequencies(path: Path, characters: int) -> Frequencies:
    """Every word of a sample of a file, and how often it stands in a million words."""
    counts = Counter(word for text in sample(path, characters) for word in re.findall(r"[a-z]+", text.lower()))
    total = sum(counts.values())
    return {word: count * 1e6 / total for word, count in counts.items()}


def doubled(words: Mapping[str, float]) -> list[str]:
    """The places where a letter stands twice more often than once."""
    once: Frequencies = {}
    twice: Frequencies = {}
    for word, frequency in words.items():
        padded = f"^^{word}$"
        for match in re.finditer(r"([a-z])\1*", word):
            place = padded[match.start() : match.start() + 3] + padded[match.end() + 2]
            counted = once if len(match[0]) == 1 else twice
            counted[place] = counted.get(place, 0) + frequency
    return sorted(place for place in twice if twice[place] > once.get(place, 0))


def l_before_i(words: Mapping[str, float]) -> list[str]:
    """The places where an l stands more often than an i."""
    found: dict[str, Frequencies] = {"l": {}, "i": {}}
    for word, frequency in words.items():
        padded = f"^^{word}$"
        for match in re.finditer("[il]", word):
            place = padded[match.start() : match.start() + 2] + padded[match.end() + 2]
            found[match[0]][place] = found[match[0]].get(place, 0) + frequency
    return sorted(place for place, frequency in found["l"].items() if frequency > found["i"].get(place, 0))


def write(path: Path, places: list[str]) -> None:
    """Write a list of places, some a line."""
    per_line = WIDTH // (len(places[0]) + 1)
    lines = [" ".join(places[start : start + per_line]) for start in range(0, len(places), per_line)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> None:
    """Read the texts, count, write both files."""
    parser = argparse.ArgumentParser(description="Find where English doubles a letter, and where it has l rather than i.")
    parser.add_argument("texts", nargs="+", type=Path, help="files of one document a line, plain or .xz")
    parser.add_argument("--characters", type=int, default=12_000_000, help="how much to take of each file")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write doubled.txt and one.txt to")
    options = parser.parse_args(arguments)
    words: Frequencies = {}
    for path in options.texts:
        for word, frequency in frequencies(path, options.characters).items():
            words[word] = words.get(word, 0) + frequency
    words = {word: frequency for word, frequency in words.items() if frequency > RARE}
    write(options.out / "doubled.txt", doubled(words))
    write(options.out / "one.txt", l_before_i(words))


if __name__ == "__main__":
    main(sys.argv[1:])
