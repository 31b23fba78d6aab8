"""Fixtures shared by all tests: a cache of their own, no network, and the real data where it is."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
import tokenizers
import torch
import transformers

import hatetinyllm


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an empty cache, no mirror and no consent of the developer's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HATETINYLLM_CACHE", str(folder))
    monkeypatch.delenv("HATETINYLLM_ACCEPT", raising=False)
    monkeypatch.delenv("HATETINYLLM_DATA", raising=False)
    monkeypatch.delenv("HATETINYLLM_MODELS", raising=False)
    return folder


torch.set_num_threads(1)  # the tests run side by side, and threads of several nets would fight for the same cores
for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, name), handler)  # a shell's background job is started deaf to them, and so are its children
REAL_DATA = os.environ.get("HATETINYLLM_DATA")


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> Path:
    """The folder of real datasets; without it the test is skipped, and says so."""
    if not REAL_DATA:
        pytest.skip("HATETINYLLM_DATA is not set: the real datasets are not here")
    monkeypatch.setenv("HATETINYLLM_DATA", REAL_DATA)
    return Path(REAL_DATA)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Path]:
    """Makes a tiny mirror of made-up files, each marked as a variant, and names it in HATETINYLLM_DATA."""

    def make(files: Mapping[str, str]) -> Path:
        root = tmp_path / "mirror"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8"))
        entries = [
            {"path": path, "sha256": sha256(text.encode("utf-8")).hexdigest(), "exact": False, "source": "made up for a test"}
            for path, text in files.items()
        ]
        (root / "manifest.json").write_text(json.dumps(entries), encoding="utf-8")
        monkeypatch.setenv("HATETINYLLM_DATA", str(root))
        return root

    return make


WORDS = ("<pad>", "<s>", "<unk>", "they", "are", "all", "welcome", "nobody", "likes", "people", "here", "weather")
_SHARED = {"vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 64}
_SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
SHAPES = {
    "Llama": {"intermediate_size": 48, "num_key_value_heads": 2},
    "Mistral": {"intermediate_size": 48, "num_key_value_heads": 2, "sliding_window": 16},
    "OPT": {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "Phi": {"intermediate_size": 48, "partial_rotary_factor": 0.5},
    "GPTNeoX": {"intermediate_size": 48},
    "GPT2": {},
}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives a tiny checkpoint of a real architecture with random weights, on disk as the hub has it."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            config = getattr(transformers, f"{kind}Config")(
                **_SHARED, **SHAPES[kind], pad_token_id=0, bos_token_id=1, eos_token_id=1
            )
            torch.manual_seed(0)
            made[kind] = tmp_path_factory.mktemp(kind)
            transformers.AutoModelForCausalLM.from_config(config).save_pretrained(made[kind])
            words = tokenizers.models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>")
            tokenizer = tokenizers.Tokenizer(words)
            tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
            tokenizer.save(str(made[kind] / "tokenizer.json"))
        return made[kind]

    return make


@pytest.fixture(scope="session")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Gives a tiny checkpoint that reads and writes words, by the project's own tokenizer; `changes` are of its shape."""
    made: dict[str, Path] = {}

    def make(kind: str, **changes: object) -> Path:
        key = f"{kind}{changes}"
        if key not in made:
            shape = {**_SHARED, **SHAPES[kind], **_SPECIAL, "vocab_size": 4096, "max_position_embeddings": 512, **changes}
            net = transformers.AutoModelForCausalLM.from_config(getattr(transformers, f"{kind}Config")(**shape))
            torch.manual_seed(0)
            for name, parameter in net.named_parameters():  # wide apart, so that prompts get answers that differ
                torch.nn.init.normal_(parameter, mean=float(parameter.ndim == 1 and not name.endswith("bias")), std=0.2)
            made[key] = tmp_path_factory.mktemp(kind)
            net.save_pretrained(made[key])
            own = Path(hatetinyllm.__file__).parent / "text" / "tokenizer.json"
            shutil.copy(own, made[key] / "tokenizer.json")
        return made[key]

    return make


GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden_bundle() -> Path:
    """The committed bundle: tiny, trained on the demo's corpus by `tools/make_golden.py`."""
    return GOLDEN / "bundle"


@pytest.fixture(scope="session")
def golden_cases() -> list[dict[str, object]]:
    """The committed verdicts of that bundle."""
    cases: list[dict[str, object]] = json.loads((GOLDEN / "verdicts.json").read_text(encoding="utf-8"))
    return cases


@pytest.fixture
def copied_bundle(golden_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the committed bundle, to be broken."""
    return Path(shutil.copytree(golden_bundle, tmp_path / "copied"))
