"""
Text files whose licence and source are known, so that a model card can name them. They are recognised by their bytes.

None of them can be downloaded as it is: each was made from what its source offers, a document or a paragraph a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hatetinyllm.data.card import File


@dataclass(frozen=True, kw_only=True)
class KnownText:
    """A text file, what it may be used for, and what its lines are."""

    name: str
    title: str
    file: File
    licences: tuple[str, ...]  # ids of data/licence.py
    upstream: tuple[str, ...]
    prose: bool = False  # its lines follow on each other, as in a book
    short: bool = False  # its lines are messages of people, as those of labelled sets are


def _file(name: str, sha256: str) -> File:
    return File(path=f"text/{name}", sha256=sha256, how="it is made of its sources' files, a document a line")


KNOWN: Mapping[str, KnownText] = {
    text.name: text
    for text in (
        KnownText(
            name="books",
            title="Classic books in Markdown",
            file=_file("books_publicdomain.txt.xz", "0996fc2d33d518ae66b9169d227dca5cac68f33c7dd200a741bfe79868dda060"),
            licences=("public-domain",),
            upstream=("https://github.com/mlschmitt/classic-books-markdown/tree/94488272",),
            prose=True,
        ),
        KnownText(
            name="comments",
            title="Comments of Civil Comments and of Wikipedia's talk pages",
            file=_file("comments_civil_wikitalk.txt.xz", "38dbad579a4e447c2613af7d61b8b8adbe7e6647d3b2eba20c0703f6feefbeb4"),
            licences=("cc0-1.0", "apache-2.0"),
            upstream=(
                "https://github.com/ipavlopoulos/toxic_spans/tree/beaf1705",
                "https://github.com/ipavlopoulos/context_toxicity/tree/5df49c29",
            ),
            short=True,
        ),
        KnownText(
            name="dialogues",
            title="Schema-Guided Dialogue",
            file=_file("sgd_dialogues.txt.xz", "0ae2f13a48deaffbf0aeda3461a3c0ef8d5a1c4fb9293954b194f165d124c2dd"),
            licences=("cc-by-sa-4.0",),
            upstream=("https://github.com/google-research-datasets/dstc8-schema-guided-dialogue",),
        ),
        KnownText(
            name="orders",
            title="Taskmaster-4: orders in a coffee shop",
            file=_file("taskmaster4_dialogues.txt.xz", "39c34f6a03e32a1cc271af56960ffe6bb0e53eb3c48dfe439cb21470c3838ec4"),
            licences=("cc-by-4.0",),
            upstream=("https://github.com/google-research-datasets/Taskmaster",),
        ),
    )
}
BY_DIGEST: Mapping[str, KnownText] = {text.file.sha256: text for text in KNOWN.values() if text.file.sha256}
