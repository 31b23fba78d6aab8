"""
The one list of checks: `make test`, `make check`, .ci/run and the workflows all call it, on every system.

python tools/check.py           every check, all of them even when one fails
python tools/check.py tests     only the named ones
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
CHECKS = {
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [PYTHON, "-m", "mypy"],
    "tests": [PYTHON, "-m", "pytest", "-n", "2", "-m", "not slow"],  # among them: docs/cli.md is not stale
    "wheel": [PYTHON, "tools/check_wheel.py"],
}


def run(name: str) -> bool:
    """Runs one check and says how it went."""
    print(f"== {name}", flush=True)
    started = time.monotonic()
    passed = subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode == 0
    print(f"== {name}: {'passed' if passed else 'FAILED'} after {time.monotonic() - started:.0f} s", flush=True)
    return passed


def main() -> int:
    """Runs the named checks, or all, and returns the exit code."""
    names = sys.argv[1:] or list(CHECKS)
    if unknown := [name for name in names if name not in CHECKS]:
        print(f"there is no check {unknown[0]!r} (known: {', '.join(CHECKS)})", file=sys.stderr)
        return 2
    failed = [name for name in names if not run(name)]
    print(f"FAILED: {', '.join(failed)}" if failed else f"passed: {', '.join(names)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
