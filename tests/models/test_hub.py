"""Checkpoints of real architectures are read from folders, safely, and what cannot be read is told."""

import json
import logging
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError
from huggingface_hub.utils import logging as hub_logging
from safetensors.torch import load_file, save_file
from transformers import AutoModel, BertConfig, BertModel, GPTNeoConfig, PretrainedConfig, T5Config

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import check, find_checkpoint, load, outline, weights_digest
from hatetinyllm.models.readout import logits_of

KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]

SMALL = {"vocab_size": 32, "hidden_size": 32, "num_heads": 4, "max_position_embeddings": 32}


@pytest.fixture
def broken(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a checkpoint to break."""
    return Path(shutil.copytree(checkpoint("Llama"), tmp_path / "broken"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_is_read_without_its_language_model_head(checkpoint: Callable[[str], Path], kind: str) -> None:
    model = load(3, id=str(checkpoint(kind)))
    assert model.net.score.weight.shape == (3, 32)
    assert not [name for name, _ in model.net.named_parameters() if "lm_head" in name or "embed_out" in name]
    assert model.max_tokens == 64
    assert model.base is not None
    assert model.base.sha256 == weights_digest(checkpoint(kind))
    assert model.tokenizer.encode("they are welcome").ids == [3, 4, 6]
    assert logits_of(model.net, [[3, 4, 6]]).shape == (1, 3)


def test_a_pickle_is_refused_by_name(broken: Path) -> None:
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"no safetensors: it holds pytorch_model\.bin"):
        load(2, id=str(broken))


def test_a_checkpoint_that_lacks_weights_is_refused(broken: Path) -> None:
    tensors = load_file(broken / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks weights") as caught:
        load(2, id=str(broken))
    assert "norm.weight" in caught.value.problems[0]


def test_an_unknown_architecture_is_told(broken: Path) -> None:
    (broken / "config.json").write_text('{"model_type": "made-up"}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        load(2, id=str(broken))


def test_code_in_a_checkpoint_is_never_run(broken: Path) -> None:
    (broken / "config.json").write_text(
        '{"model_type": "made-up", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}', encoding="utf-8"
    )
    marker = broken / "was_run"
    (broken / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    with pytest.raises(ModelError):
        load(2, id=str(broken))
    assert not marker.exists()


def test_a_missing_model_offline_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="not here and could not be downloaded") as caught:
        find_checkpoint("nobody/nothing", None)
    assert "give a folder" in caught.value.problems[-1]


def test_telemetry_is_off_before_the_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    asked: list[bool] = []

    def ask(*args: object, **options: object) -> str:
        asked.append(constants.HF_HUB_DISABLE_TELEMETRY)
        return "/there/abc123"

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", ask)
    folder, commit = find_checkpoint("some/model", "main")
    assert (folder, commit, asked) == (Path("/there/abc123"), "abc123", [True])


def test_a_net_that_looks_ahead_is_refused(tmp_path: Path) -> None:
    config = BertConfig(vocab_size=32, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"no causal language model \(bert\)"):
        load(2, id=str(tmp_path))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_broken_file_is_told(broken: Path, name: str) -> None:
    (broken / name).write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"cannot be read|no tokenizer"):
        load(2, id=str(broken))


def test_the_licence_is_the_one_the_checkpoints_card_states(broken: Path) -> None:
    assert load(2, id=str(broken)).base.licence == ""
    (broken / "README.md").write_text("---\ntags: [x]\nlicense: apache-2.0\n---\n# A model\n", encoding="utf-8")
    assert load(2, id=str(broken)).base.licence == "apache-2.0"


def test_a_model_on_another_machine_is_refused() -> None:
    with pytest.raises(ModelError, match="on another machine"):
        find_checkpoint("//server/share", None)


def test_a_configuration_cannot_name_a_kernel(broken: Path) -> None:
    config = json.loads((broken / "config.json").read_text(encoding="utf-8"))
    (broken / "config.json").write_text(json.dumps({**config, "_attn_implementation": "somebody/kernels"}), encoding="utf-8")
    assert load(2, id=str(broken)).net.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    "config", [GPTNeoConfig(**SMALL, attention_types=[[["global"], 1]], num_layers=1), T5Config(vocab_size=32, d_model=32)]
)
def test_nets_without_that_attention_are_read_and_others_refused(tmp_path: Path, config: PretrainedConfig, broken: Path) -> None:
    AutoModel.from_config(config).save_pretrained(tmp_path)
    shutil.copy(broken / "tokenizer.json", tmp_path)
    if isinstance(config, T5Config):
        with pytest.raises(ModelError, match="no causal language model"):
            load(2, id=str(tmp_path))
    else:
        assert load(2, id=str(tmp_path)).net.config._attn_implementation == "eager"


def test_a_vocabulary_in_the_older_form_is_read(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    """As the hub has OPT's: vocab.json and merges.txt, no tokenizer.json."""
    folder = Path(shutil.copytree(checkpoint("OPT"), tmp_path / "older"))
    (folder / "tokenizer.json").unlink()
    words = ["<s>", "<pad>", "</s>", "<unk>", "t", "h", "e", "th", "the", "\u0120"]
    (folder / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\nt h\nth e\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}', encoding="utf-8")
    assert load(2, id=str(folder)).tokenizer.encode("the", add_special_tokens=False).tokens == ["the"]


def test_an_outline_asks_the_hub_for_the_configuration_alone(
    checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def fetch(id: str, name: str, *, revision: str | None) -> str:
        asked.append((id, name, revision))
        return str(checkpoint("Phi") / name)

    monkeypatch.setattr("hatetinyllm.models.hub.hf_hub_download", fetch)
    net = outline(2, id="some/model", revision="main")
    assert asked == [("some/model", "config.json", "main")]
    assert {parameter.device.type for parameter in net.parameters()} == {"meta"}


@pytest.mark.parametrize("id", ["/nowhere/base", "./base", "../base", "~/nowhere at all", "a/b/c", "folder\\base", "C:/base"])
def test_a_path_to_nothing_is_no_id_of_the_hub(id: str) -> None:
    for use in (partial(load, 2), partial(outline, 2), check):
        with pytest.raises(ModelError, match="there is no folder"):
            use(id=id)
    check(id="some/model")


def test_the_hubs_library_is_quiet_while_it_is_asked_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def ask(*given: object, **options: object) -> str:
        asked.append(hub_logging.get_verbosity())
        raise LocalEntryNotFoundError("offline")

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", ask)
    before = hub_logging.get_verbosity()
    with pytest.raises(ModelError):
        find_checkpoint("some/model", None)
    assert (asked, hub_logging.get_verbosity()) == ([logging.ERROR], before)
    assert before < logging.ERROR


def test_an_outline_of_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        outline(2, id=str(tmp_path))
