"""Writes test/golden/safetensors/mixed.safetensors with the reference implementation.

safetensors==0.8.0 on Python 3.11. Exact: the bytes must be equal.
Run from the repository root: python test/golden/safetensors_mixed.py
With a path, checks instead that the reference implementation reads that file as the same tensors.
"""

import ctypes
import struct
import sys

from safetensors import TensorSpec, deserialize, serialize_file

VALUES = {
    "float64": ("d", [0.5, -1e300]),
    "float32": ("f", [1.0, -2.5, 3.25, float("inf"), 0.0, 1e-45]),
    "float16": ("e", [1.0, -0.5, 65504.0]),
    "bfloat16": ("H", [0x3F80, 0xC040]),
    "int64": ("q", [-(2**63), 2**63 - 1]),
    "int32": ("i", [-(2**31), 7]),
    "int16": ("h", [-3, 4]),
    "int8": ("b", [-128, 127, 0]),
    "uint64": ("Q", [2**64 - 1]),
    "uint32": ("I", [2**32 - 1]),
    "uint16": ("H", [65535]),
    "uint8": ("B", [0, 255]),
    "bool": ("?", [True, False, True]),
}
SHAPES = {"float32": [2, 3], "uint64": []}
METADATA = {"format": "pt"}


def tensors():
    for dtype, (code, values) in VALUES.items():
        data = struct.pack(f"<{len(values)}{code}", *values)
        yield f"layer.{dtype}", {"dtype": dtype, "shape": SHAPES.get(dtype, [len(values)]), "data": data}
    yield "10", {"dtype": "float32", "shape": [0, 4], "data": b""}
    yield "ünïcode \"name\"", {"dtype": "uint8", "shape": [1, 1], "data": b"\x2a"}
    yield "\U0001f600", {"dtype": "uint8", "shape": [1], "data": b"\x01"}
    yield "\uffee", {"dtype": "uint8", "shape": [1], "data": b"\x02"}


def write(path):
    buffers = {}  # the specs point into them
    specs = {}
    for name, tensor in tensors():
        size = len(tensor["data"])
        buffers[name] = ctypes.create_string_buffer(tensor["data"], max(size, 1))
        address = ctypes.addressof(buffers[name])
        specs[name] = TensorSpec(dtype=tensor["dtype"], shape=tensor["shape"], data_ptr=address, data_len=size)
    serialize_file(specs, path, METADATA)


def read(path):
    with open(path, "rb") as file:
        return {name: (t["dtype"], t["shape"], bytes(t["data"])) for name, t in deserialize(file.read())}


GOLDEN = "test/golden/safetensors/mixed.safetensors"
if len(sys.argv) == 1:
    write(GOLDEN)
else:
    assert read(sys.argv[1]) == read(GOLDEN), "the tensors differ"
    print(f"{len(read(GOLDEN))} tensors equal")
