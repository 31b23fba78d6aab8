"""The datasets by name. Each file of this folder that defines a `CARD` has its line here."""

from hatetinyllm.registry import Table

DATASETS = Table(
    "dataset",
    {
        "dynahate": "hatetinyllm.data.dynahate:load",
    },
)
