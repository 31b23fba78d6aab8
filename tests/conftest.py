"""Fixtures shared by all tests: a cache of their own, no network, and the real data where it is."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch
import transformers

import hatetinyllm
from hatetinyllm.bundle import read_bundle
from hatetinyllm.inference.export import export


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


SHARDED = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2", "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP"}


@pytest.fixture
def two_processes() -> Iterator[Callable[..., list[subprocess.Popen[str]]]]:
    """Starts Python twice with the same words, as two processes of one run; FSDP with `sharded`. What they print is kept."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object, sharded: bool = False) -> list[subprocess.Popen[str]]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
        for rank in ("0", "1"):
            own = {**os.environ, **shared, **(SHARDED if sharded else {}), "RANK": rank, "LOCAL_RANK": rank}
            command = [sys.executable, *map(str, words)]
            started.append(subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return started[-2:]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


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


@pytest.fixture(scope="session")
def exported_bundle(golden_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed bundle as engines without torch open it, in 16 bits."""
    folder = tmp_path_factory.mktemp("exported") / "bundle"
    return export(read_bundle(golden_bundle), folder, half=True).bundle.folder


@pytest.fixture
def built_in(exported_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose built-in bundle is the committed one."""
    monkeypatch.setattr("hatetinyllm.builtin.place.FOLDER", exported_bundle)
    return exported_bundle


@pytest.fixture
def no_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without a built-in bundle."""
    monkeypatch.setattr("hatetinyllm.builtin.place.FOLDER", tmp_path / "nothing")


@dataclass
class Stub:
    """An endpoint on this machine in the form its path says: what it gives each text, and how it misbehaves."""

    address: str = ""
    score: Callable[[str], float] = lambda text: 0.9 if "awful" in text else 0.1
    refuses: Callable[[str], bool] = lambda text: False  # with status 400, and the text in its message
    busy: int = 0  # so many requests are answered 429 first
    headers: Mapping[str, str] = field(default_factory=dict)  # of an answer that is no success
    wrong: Any = None  # answered in place of everything, from the second request on
    status: int = 200
    labels: tuple[str, str] = ("hate", "not_hate")
    asked: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)  # path, headers, body

    def answer(self, path: str, body: Any) -> tuple[int, Any]:
        if self.busy > 0:
            self.busy -= 1
            return 429, {"error": {"message": "slow down"}}
        if self.status != 200:
            return self.status, {"error": {"message": "as it was told to", "code": "told_to"}}
        if self.wrong is not None and len(self.asked) > 1:
            return 200, self.wrong
        read: Mapping[str, Callable[[Any], list[str]]] = {
            "/v1/moderations": lambda body: body["input"],
            "/v1alpha1/comments:analyze": lambda body: [body["comment"]["text"]],
            "/predict": lambda body: [text for (text,) in body["inputs"]],
        }
        if path not in read:
            return 404, {"detail": "Not Found"}
        texts = read[path](body)
        if any(map(self.refuses, texts)):
            return 400, {"error": {"message": f"cannot read: {texts}", "code": "too_long", "status": "INVALID_ARGUMENT"}}
        return 200, getattr(self, {"/v1/moderations": "openai", "/predict": "tei"}.get(path, "perspective"))(texts)

    def openai(self, texts: list[str]) -> Any:
        scores = [self.score(text) for text in texts]
        results = [{"flagged": s > 0.8, "categories": {"hate": s > 0.8}, "category_scores": {"hate": s}} for s in scores]
        return {"id": "modr-1", "model": "stub", "results": results}

    def perspective(self, texts: list[str]) -> Any:
        return {"attributeScores": {"IDENTITY_ATTACK": {"summaryScore": {"value": self.score(texts[0]), "type": "PROBABILITY"}}}}

    def tei(self, texts: list[str]) -> Any:
        scores = [self.score(text) for text in texts]
        pairs = [list(zip(self.labels, (s, 1 - s), strict=True)) for s in scores]
        return [[{"label": label, "score": s} for label, s in pair] for pair in pairs]


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A stub that listens on this machine; its address has no path."""
    made = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = self.path.partition("?")[0]
            made.asked.append((self.path, dict(self.headers), body))
            status, said = made.answer(path, body)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in ({} if status == 200 else made.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
