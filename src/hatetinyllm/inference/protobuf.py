"""
ONNX files written by hand: the few messages of its protobuf that a graph of fixed operators needs.

A graph of a hundred nodes does not ask for a library of its own. Numbers of fields are those of onnx.proto, which never change.
Weights are not in the file: an initializer names bytes of a file beside it.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IR_VERSION, OPERATORS = 8, 17
FLOAT, INT64, HALF = 1, 7, 10  # TensorProto.DataType
_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_OF_FLOAT, _OF_INT, _OF_INTS = 1, 2, 7  # AttributeProto.AttributeType
_EXTERNAL = 1
Attribute = int | float | Sequence[int]
Size = int | str  # of a dimension, or its name


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A tensor whose numbers are bytes of a file beside the graph."""

    kind: int  # FLOAT or HALF
    shape: tuple[int, ...]
    offset: int
    length: int


def node(operator: str, inputs: Iterable[str], outputs: Iterable[str], **attributes: Attribute) -> bytes:
    """A NodeProto."""
    return b"".join(
        (
            *(_text(1, name) for name in inputs),
            *(_text(2, name) for name in outputs),
            _text(4, operator),
            *(_block(5, _attribute(name, value)) for name, value in attributes.items()),
        )
    )


def inside(name: str, numbers: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    """A TensorProto with its numbers in it."""
    kind = {"float32": FLOAT, "int64": INT64}[numbers.dtype.name]
    raw = numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()
    return b"".join((*_dimensions(numbers.shape), _number(2, kind), _text(8, name), _block(9, raw)))


def outside(name: str, tensor: Outside, file: str) -> bytes:
    """A TensorProto that points into another file."""
    where = {"location": file, "offset": str(tensor.offset), "length": str(tensor.length)}
    entries = [_block(13, _text(1, key) + _text(2, value)) for key, value in where.items()]
    return b"".join((*_dimensions(tensor.shape), _number(2, tensor.kind), _text(8, name), *entries, _number(14, _EXTERNAL)))


def value(name: str, kind: int, shape: Sequence[Size]) -> bytes:
    """A ValueInfoProto: what goes into a graph, or comes out of it."""
    sizes = (_block(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, kind) + _block(2, b"".join(sizes))
    return _text(1, name) + _block(2, _block(1, tensor))


def model(
    nodes: Iterable[bytes], initializers: Iterable[bytes], inputs: Iterable[bytes], outputs: Iterable[bytes], *, name: str
) -> bytes:
    """A ModelProto: the file."""
    graph = b"".join(
        (
            *(_block(1, one) for one in nodes),
            _text(2, name),
            *(_block(5, one) for one in initializers),
            *(_block(11, one) for one in inputs),
            *(_block(12, one) for one in outputs),
        )
    )
    return _number(1, IR_VERSION) + _text(2, "hatetinyllm") + _block(7, graph) + _block(8, _text(1, "") + _number(2, OPERATORS))


def _attribute(name: str, given: Attribute) -> bytes:
    if isinstance(given, float):
        return _text(1, name) + _key(2, _FIXED32) + struct.pack("<f", given) + _number(20, _OF_FLOAT)
    if isinstance(given, int):
        return _text(1, name) + _number(3, given) + _number(20, _OF_INT)
    return _text(1, name) + b"".join(_number(8, one) for one in given) + _number(20, _OF_INTS)


def _dimensions(shape: Iterable[int]) -> Iterable[bytes]:
    return (_number(1, size) for size in shape)


def _text(field: int, text: str) -> bytes:
    return _block(field, text.encode("utf-8"))


def _block(field: int, content: bytes) -> bytes:
    return _key(field, _BYTES) + _varint(len(content)) + content


def _number(field: int, number: int) -> bytes:
    return _key(field, _VARINT) + _varint(number)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number is what it is in 64 bits."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
