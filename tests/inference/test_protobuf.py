"""Files written by hand are what ONNX Runtime reads."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from hatetinyllm.inference.protobuf import FLOAT, HALF, INT64, Outside, inside, model, node, outside, value


def run(content: bytes | Path, **given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, given)
    return found


def test_a_node_takes_numbers_lists_and_negatives() -> None:
    nodes = [
        node("Concat", ["x", "three"], ["longer"], axis=-1),
        node("Transpose", ["longer"], ["turned"], perm=(1, 0)),
        node("LeakyRelu", ["turned"], ["y"], alpha=0.5),
    ]
    three = np.array([[300.0, -4.0, 5.0]], dtype=np.float32)
    content = model(nodes, [inside("three", three)], [value("x", FLOAT, (1, "n"))], [value("y", FLOAT, ("m", 1))], name="g")
    found = run(content, x=np.array([[-2.0, 1.0]], dtype=np.float32))
    assert found.tolist() == [[-1.0], [1.0], [300.0], [-2.0], [5.0]]


def test_whole_numbers_of_any_size_are_kept() -> None:
    numbers = np.array([0, 127, 128, 2**40, -1], dtype=np.int64)
    content = model([node("Identity", ["n"], ["y"])], [inside("n", numbers)], [], [value("y", INT64, (5,))], name="g")
    assert run(content).tolist() == numbers.tolist()


@pytest.mark.parametrize(("kind", "dtype", "offset"), [(FLOAT, "<f4", 12), (HALF, "<f2", 6)])
def test_an_initializer_is_bytes_of_a_file_beside(tmp_path: Path, kind: int, dtype: str, offset: int) -> None:
    numbers = (np.arange(70_000) % 100).reshape(2, -1).astype(dtype)  # large enough to be mapped and not read
    (tmp_path / "numbers.bin").write_bytes(b"x" * offset + numbers.tobytes())
    tensor = Outside(kind=kind, shape=numbers.shape, offset=offset, length=numbers.nbytes)
    content = model(
        [node("Cast", ["w"], ["y"], to=FLOAT)],
        [outside("w", tensor, "numbers.bin")],
        [],
        [value("y", FLOAT, numbers.shape)],
        name="g",
    )
    (tmp_path / "graph.onnx").write_bytes(content)
    assert np.array_equal(run(tmp_path / "graph.onnx"), numbers.astype(np.float32))
