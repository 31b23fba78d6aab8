"""The engines by name: each opens a checked bundle and turns windows of token ids into logits."""

from hatetinyllm.registry import Table

ENGINES = Table(
    "engine",
    {
        "onnx": "hatetinyllm.inference.engines.onnx:open_engine",
        "torch": "hatetinyllm.inference.engines.torch:open_engine",
    },
)
