"""
Builds the sdist and, from it, the wheel, and tries the wheel in a fresh environment that has the base dependencies only.

What is proved: the sdist is whole, the wheel carries what it must and nothing else and is small, and the first commands of
a newcomer work outside the checkout without torch, a verdict of the built-in model without the network among them.
`python tools/check_wheel.py FOLDER` keeps what was built, for a release.
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
VERDICT = ["classify", "--json", "the weather is nice today"]
LARGEST_BYTES = 20_000_000
NOWHERE = "http://127.0.0.1:9"  # a proxy that never answers: who asks the network fails
MUST_HOLD = (
    "hatetinyllm/builtin/place.py",
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
    if wheel.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{wheel.name} has {wheel.stat().st_size:,} bytes, allowed are {LARGEST_BYTES:,}")


def fresh_environment(folder: Path, wheel: Path) -> Path:
    """A new environment with the wheel and its base dependencies; returns its folder of programs."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True)
    return programs


def newcomer(folder: Path) -> dict[str, str]:
    """The environment of somebody who has nothing of ours, nor the network."""
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("HATETINYLLM_")
    }
    return {**environment, "HATETINYLLM_CACHE": str(folder / "cache"), "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE}


def try_commands(programs: Path, folder: Path) -> None:
    """Runs what a newcomer types first, far from the checkout, and looks for what should not be there."""
    look = f"import importlib.util, json; print(json.dumps([m for m in {EXTRAS_ONLY!r} if importlib.util.find_spec(m)]))"
    found = subprocess.run(
        [programs / "python", "-c", look], check=True, cwd=folder, env=newcomer(folder), capture_output=True, text=True
    )
    if json.loads(found.stdout):
        raise SystemExit(f"the base installation brought {found.stdout.strip()}, which belongs to an extra")
    for arguments in FIRST_COMMANDS:
        done = _said(programs, folder, arguments)
        if done.returncode or not done.stdout.strip():
            raise SystemExit(f"hatetinyllm {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        print(f"hatetinyllm {' '.join(arguments)}: fine")


def try_verdict(programs: Path, folder: Path, *, built_in: bool) -> None:
    """A verdict of the built-in model; of a wheel that has none, the words that say so."""
    done = _said(programs, folder, VERDICT)
    if not built_in:
        if done.returncode != 2 or "no built-in model" not in done.stderr:
            raise SystemExit(f"a wheel without a model does not say so:\n{done.stdout}{done.stderr}")
        print("NOTE: this wheel has no built-in model, and says so")
        return
    if done.returncode or not 0 <= json.loads(done.stdout)["score"] <= 1:
        raise SystemExit(f"hatetinyllm {' '.join(VERDICT)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    print("a verdict of the built-in model, without torch and the network: fine")


def _said(programs: Path, folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [str(programs / "hatetinyllm"), *arguments]
    return subprocess.run(command, cwd=folder, env=newcomer(folder), capture_output=True, text=True, check=False)


def main() -> None:
    """Builds, looks, installs and tries."""
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        dist = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else work / "dist"
        wheel = build(dist)
        check_content(wheel)
        programs = fresh_environment(work / "venv", wheel)
        try_commands(programs, work)
        built_in = any(name.endswith("builtin/bundle/manifest.json") for name in zipfile.ZipFile(wheel).namelist())
        try_verdict(programs, work, built_in=built_in)


if __name__ == "__main__":
    main()
