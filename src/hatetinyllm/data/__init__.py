"""The datasets by name, each file with a `CARD` among them; and the ways to part their rows."""

from hatetinyllm.registry import Table

DATASETS = Table(
    "dataset",
    {
        "table": "hatetinyllm.data.table:load",
        "demo": "hatetinyllm.data.demo:load",
        "contrast": "hatetinyllm.data.contrast:load",
        "dynahate": "hatetinyllm.data.dynahate:load",
        "hateval": "hatetinyllm.data.hateval:load",
        "hatecheck": "hatetinyllm.data.hatecheck:load",
        "multilingual-hatecheck": "hatetinyllm.data.multilingual_hatecheck:load",
        "hatemoji-build": "hatetinyllm.data.hatemoji_build:load",
        "hatemoji-check": "hatetinyllm.data.hatemoji_check:load",
        "davidson": "hatetinyllm.data.davidson:load",
        "measuring-hate-speech": "hatetinyllm.data.measuring_hate_speech:load",
        "edos": "hatetinyllm.data.edos:load",
        "stormfront": "hatetinyllm.data.stormfront:load",
        "cat": "hatetinyllm.data.cat:load",
        "convabuse": "hatetinyllm.data.convabuse:load",
        "hatexplain": "hatetinyllm.data.hatexplain:load",
        "olid": "hatetinyllm.data.olid:load",
        "implicit-hate": "hatetinyllm.data.implicit_hate:load",
        "civil-comments": "hatetinyllm.data.civil_comments:load",
        "toxic-spans": "hatetinyllm.data.toxic_spans:load",
        "germeval-2018": "hatetinyllm.data.germeval_2018:load",
        "gahd": "hatetinyllm.data.gahd:load",
        "hasoc": "hatetinyllm.data.hasoc:load",
        "haspeede2": "hatetinyllm.data.haspeede2:load",
        "trac1": "hatetinyllm.data.trac1:load",
    },
)

SPLITS = Table(
    "split",
    {
        "official": "hatetinyllm.data.split:official",
        "random": "hatetinyllm.data.split:random",
        "grouped": "hatetinyllm.data.split:grouped",
        "official-leakfree": "hatetinyllm.data.split:official_leakfree",
        "from-file": "hatetinyllm.data.from_file:from_file",
    },
)
