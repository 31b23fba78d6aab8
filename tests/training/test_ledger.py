"""The ledger knows what was done and what was held."""

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from hatetinyllm.training.ledger import Form, Work, noted


def of_matrices(*, in_place: bool = False) -> Work:
    with FakeTensorMode():
        net = nn.Linear(8, 16, bias=False)
        rows, sums = torch.empty(4, 8), torch.empty(4, 16)

        def work() -> None:
            if in_place:
                sums.addmm_(rows, net.weight.t())
            else:
                torch.addmm(sums, rows, net.weight.t())

        with torch.no_grad():
            return noted(net, work, also_held=[rows, sums])


def test_a_product_is_counted_whether_it_is_written_in_place_or_not() -> None:
    assert of_matrices().flops == of_matrices(in_place=True).flops == 2 * 4 * 8 * 16


def test_what_is_made_counts_until_it_is_gone() -> None:
    assert of_matrices().peak_bytes == 4 * 4 * 16
    assert of_matrices(in_place=True).peak_bytes == 0  # nothing is made

    def one_after_the_other() -> None:
        for _ in range(3):
            torch.empty(1000)

    with FakeTensorMode():
        assert noted(nn.Linear(2, 2), one_after_the_other).peak_bytes == 4000


def test_calls_of_one_form_are_one_operation() -> None:
    def work() -> None:
        for rows in (2, 2, 3):
            torch.ones(rows, 4) + 1

    with FakeTensorMode():
        found = noted(nn.Linear(2, 2), work)
    sums = [operation for operation in found.operations if operation.function is torch.ops.aten.add.Tensor]
    assert [operation.times for operation in sums] == [2, 1]
    assert sums[0].arguments[0][0] == Form(shape=(2, 4), strides=(4, 1), dtype=torch.float32)
    assert found.calls == 6


def test_a_number_that_only_chance_knows_is_as_large_as_there_is() -> None:
    with FakeTensorMode():
        found = noted(nn.Linear(2, 2), lambda: torch.ones(10)[: int(torch.randint(10, (1,)))].clone())
    assert found.peak_bytes == 2 * 40
