"""
Implicit Hate: what extremist groups tweet, said openly or between the lines (ElSherief et al., 2021).

licence: on the authors' terms, after a survey    languages: en    rows: 21,480, in one part
source:  https://github.com/SALT-NLP/implicit-hate
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

SOURCE = "https://github.com/SALT-NLP/implicit-hate"
POSTS = File(
    path="implicit_hate/implicit_hate_v1_stg1_posts.tsv",
    how=f"answer the authors' survey, then unpack implicit-hate-corpus.zip: {SOURCE}",
)

CARD = Card(
    name="implicit-hate",
    title="Implicit Hate: latent hatred",
    version="1, stage 1",
    licence="research",
    languages=("en",),
    source=SOURCE,
    citation="ElSherief, Ziems, Muchlinski, Anupindi, Seybolt, De Choudhury, Yang. Latent Hatred. EMNLP 2021.",
    files=(POSTS,),
    counts={"train": {"hate": 8_189, "not_hate": 13_291}},
    verified=False,
    traps=(
        "There are no official parts and no ids: split it yourself; an id is the line a post starts on.",
        "The slice tells explicit_hate from implicit_hate: 7,100 of the 8,189 hateful posts are implicit, by the paper's count.",
        "The finer kinds of stage 2 are left out: they cover the implicit posts only, and most have no word among our types.",
    ),
)


def load() -> Splits:
    """All posts, to be split; explicit and implicit hate are both hate."""
    posts = fetch(POSTS)
    examples = [
        Example(
            text=row["post"],
            id=f"line-{row.line}",
            labels={"hate": translate("implicit-hate", "hate", row["class"])},
            slice=row["class"],
            line=row.line,
        )
        for row in read_csv(posts.path, delimiter="\t")
    ]
    return checked_splits(CARD, {POSTS.path: posts}, train=examples)
