"""A missing compiler is told before the first step."""

import pytest
import torch

from hatetinyllm.errors import TrainingError
from hatetinyllm.training.compiler import require_compiler


def test_one_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(TrainingError, match=r"no C\+\+ compiler") as told:
        require_compiler(torch.device("cpu"))
    assert "no-such-compiler" in told.value.problems[0]
    require_compiler(torch.device("meta"))


def test_the_first_of_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("hatetinyllm.training.compiler.which", lambda name: "/bin/g++" if "g++" in name or name == "cl" else None)
    require_compiler(torch.device("cpu"))
