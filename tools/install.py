"""
Makes .venv and installs the project in it, once, and again when what it needs has changed.

Runs before anything is installed, on whatever Python the machine has: only the standard library, and no syntax that an
older Python 3 could not read, so that it can say in a sentence what is missing.
"""

import subprocess
import sys
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / ".ready"  # written last: it exists only when everything was installed
NEEDED = (3, 11)
OTHERS = ("python3.13", "python3.12", "python3.11")


def venv_python() -> Path:
    """Where the Python of .venv stands on this system."""
    return VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def asks(python: str, code: str) -> "str | None":
    """What a Python answers to a line of code, or None where it cannot."""
    try:
        done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    return done.stdout.decode() if done.returncode == 0 else None


def version_of(python: str) -> "tuple[int, ...]":
    """The version of a Python; nothing where none answers under this name."""
    return tuple(map(int, (asks(python, "import sys; print(*sys.version_info[:2])") or "").split()))


def new_enough_python() -> str:
    """The Python that runs this file, or else a newer one that stands beside it."""
    if sys.version_info >= NEEDED:
        return sys.executable
    for name in OTHERS:
        if version_of(name) >= NEEDED:
            return str(which(name))
    seen = ".".join(map(str, sys.version_info[:3]))
    raise SystemExit(
        f"Python 3.11 or newer is needed, and {sys.executable} is {seen}.\nName a newer one: make test PYTHON=python3.12"
    )


def make_venv() -> None:
    """A fresh .venv, where there is none that works."""
    found = version_of(str(venv_python()))
    if found >= NEEDED:
        return
    if found:
        raise SystemExit(f"{VENV} holds a Python older than 3.11: remove the folder, then type the command again.")
    python = new_enough_python()
    if asks(python, "import ensurepip, venv") is None:
        package = "python{}.{}-venv".format(*version_of(python))
        raise SystemExit(f"{python} cannot make virtual environments.\nOn Debian and Ubuntu: sudo apt install {package}")
    subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=True)


def main() -> None:
    """Makes the environment, installs the tested versions and leaves the stamp."""
    make_venv()
    if READY.exists():
        READY.unlink()
    print("Installing the versions of constraints.txt into .venv: once, and it takes some minutes.", flush=True)
    pip = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check"]
    pip += [] if sys.stdout.isatty() else ["--quiet"]  # a person sees the progress
    if subprocess.run([*pip, "-c", "constraints.txt", "-e", ".[train,dev]"], cwd=str(ROOT), check=False).returncode:
        raise SystemExit(
            "The installation failed; pip says above why. Without a network, PIP_FIND_LINKS can name a folder of wheels."
        )
    READY.touch()


if __name__ == "__main__":
    main()
