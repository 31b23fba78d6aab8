"""`python -m hatetinyllm` leaves with the command's exit code."""

import subprocess
import sys


def test_the_exit_code_is_the_commands() -> None:
    for arguments, code in ((["--version"], 0), (["nonsense"], 2)):
        order = [sys.executable, "-m", "hatetinyllm", *arguments]
        assert subprocess.run(order, capture_output=True, check=False).returncode == code
