"""
Claim: how a data set is parted decides what a result means. The same TF-IDF model, judged on several splits.

HATETINYLLM_DATA=... python benchmarks/baselines.py [DATASET ...]   writes docs/results/baselines.json; `make docs` puts it into
the README. Each row is what `hatetinyllm baselines` says of it, which `command` repeats. With names, only their rows anew.
"""

import json
import sys
from pathlib import Path
from shlex import join

from hatetinyllm.folder import write_text_whole
from hatetinyllm.plain import plain, to_json
from hatetinyllm.studies.baselines import Wanted, baselines

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "baselines.json"
EIGHTY_TWENTY = ("split.test_share=0.2", "split.dev_share=0.0")
OF_TRAIN = 'split.parts=["train"]'
SIZES = (500, 1000, 2000, 4000, 8000, 16000)


def split(name: str, *more: str) -> tuple[str, ...]:
    """The settings of a split."""
    return (f"split.name={name}", *more)


EXPERIMENTS = (
    Wanted(data="dynahate", sizes=(*SIZES, 32_924)),
    Wanted(data="dynahate", settings=split("official-leakfree"), sizes=(*SIZES, 23_998)),
    Wanted(data="dynahate", settings=split("random", *EIGHTY_TWENTY), partings=5),
    Wanted(data="dynahate", settings=split("grouped", *EIGHTY_TWENTY), partings=5),
    Wanted(data="hateval", settings=split("random", OF_TRAIN, *EIGHTY_TWENTY), partings=5),
    Wanted(data="hateval", settings=split("grouped", OF_TRAIN, *EIGHTY_TWENTY), partings=5),
    Wanted(data="hateval", part="dev"),
    Wanted(data="hateval", settings=("data.language=es", *split("random", OF_TRAIN, *EIGHTY_TWENTY)), partings=5),
    Wanted(data="hateval", settings=("data.language=es",), part="dev"),
    Wanted(data="davidson", settings=split("grouped", *EIGHTY_TWENTY), partings=5),
    Wanted(data="edos", settings=split("grouped", *EIGHTY_TWENTY), partings=5),
)


def command_of(wanted: Wanted) -> str:
    """What to type for the same figures."""
    words = ["hatetinyllm", "baselines", wanted.data]
    words += [word for setting in wanted.settings for word in ("--set", setting)]
    words += ["--part", wanted.part] if wanted.part != "test" else []
    words += ["--partings", str(wanted.partings)] if wanted.partings > 1 else []
    words += ["--curve", ",".join(map(str, wanted.sizes))] if wanted.sizes else []
    return join(words)


def main() -> None:
    """Measures each experiment; what was measured before of other datasets stays."""
    chosen = sys.argv[1:]
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if chosen and RESULTS.exists() else []
    before = {one["command"]: one for one in kept if "command" in one}
    found = []
    for wanted in EXPERIMENTS:
        command = command_of(wanted)
        if chosen and wanted.data not in chosen and command in before:
            found.append(before[command])
            continue
        print(command, flush=True)
        measured = baselines(wanted)
        found.append({"command": command, **plain(measured)})
        figures = measured.results[0].metrics
        print({name: figures[name] for name in ("accuracy", f"f1_{measured.results[0].positive}", "macro_f1")}, flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(RESULTS, to_json(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
