"""`python -m hatetinyllm`, and what the commands `hatetinyllm` and `htl` call."""

import sys

from hatetinyllm.cli.main import start


def run() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(start(sys.argv[1:]))


if __name__ == "__main__":
    run()
