"""
Builds the sdist and, from it, the wheel, and tries the wheel in a fresh environment that has the base dependencies only.

What is proved: the sdist is whole, the wheel carries what it must and nothing else, and the first commands of a newcomer
work outside the checkout without torch. `python tools/check_wheel.py FOLDER` keeps what was built, for a release.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_COMMANDS = (["--help"], ["--version"], ["data", "list"], ["data", "show", "demo", "--json"])
MUST_HOLD = (
    "hatetinyllm/py.typed",
    "hatetinyllm/version.py",
    "hatetinyllm/config/presets/paper-lora.toml",
    ".dist-info/licenses/LICENSE",
)
EXTRAS_ONLY = ("accelerate", "peft", "pyarrow", "pydantic", "sklearn", "torch", "transformers")


def build(folder: Path) -> Path:
    """Both files of a release in this folder; returns the wheel."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    print(f"built {sdist.name} ({sdist.stat().st_size:,} bytes) and {wheel.name} ({wheel.stat().st_size:,} bytes)")
    return wheel


def check_content(wheel: Path) -> None:
    """The wheel holds the package, its licence and nothing else."""
    names = zipfile.ZipFile(wheel).namelist()
    missing = [end for end in MUST_HOLD if not any(name.endswith(end) for name in names)]
    foreign = [name for name in names if not name.startswith("hatetinyllm")]
    if missing or foreign:
        raise SystemExit(f"{wheel.name} lacks {missing} and holds {foreign}, which is not ours")


def fresh_environment(folder: Path, wheel: Path) -> Path:
    """A new environment with the wheel and its base dependencies; returns its folder of programs."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True)
    return programs


def try_commands(programs: Path, folder: Path) -> None:
    """Runs what a newcomer types first, far from the checkout, and looks for what should not be there."""
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("HATETINYLLM_")
    }
    environment["HATETINYLLM_CACHE"] = str(folder / "cache")
    look = f"import importlib.util, json; print(json.dumps([m for m in {EXTRAS_ONLY!r} if importlib.util.find_spec(m)]))"
    found = subprocess.run(
        [programs / "python", "-c", look], check=True, cwd=folder, env=environment, capture_output=True, text=True
    )
    if json.loads(found.stdout):
        raise SystemExit(f"the base installation brought {found.stdout.strip()}, which belongs to an extra")
    for arguments in FIRST_COMMANDS:
        done = subprocess.run(
            [programs / "hatetinyllm", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode or not done.stdout.strip():
            raise SystemExit(f"hatetinyllm {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        print(f"hatetinyllm {' '.join(arguments)}: fine")


def main() -> None:
    """Builds, looks, installs and tries."""
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        dist = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else work / "dist"
        wheel = build(dist)
        check_content(wheel)
        try_commands(fresh_environment(work / "venv", wheel), work)


if __name__ == "__main__":
    main()
