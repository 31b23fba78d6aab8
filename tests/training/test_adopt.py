"""An adapter of plain PEFT becomes a bundle that answers as the plain model does, or is refused with every reason."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import IA3Config, LoraConfig, PeftModel, PrefixTuningConfig, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, normalizers, processors
from transformers import AutoModelForSequenceClassification

from hatetinyllm.bundle import Bundle
from hatetinyllm.errors import HateTinyLLMError, ModelError
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.engines.torch import open_engine
from hatetinyllm.policy import DIGITS
from hatetinyllm.text.encode import TextSettings
from hatetinyllm.text.normalise import normalise
from hatetinyllm.training import adopt as adopting
from hatetinyllm.types import Head

Checkpoint = Callable[[str], Path]
TEXTS = ["they are all welcome here", "nobody likes people", "weather"]
OURS = ("not_hate", "hate")
LAST_DIGIT = 1.01 * 10**-DIGITS  # two figures that are nearly equal may be rounded apart
LORA = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0}
LAYERS = {"Llama": ["k_proj", "v_proj"], "OPT": ["fc2", "v_proj"], "Mistral": ["down_proj"], "Phi": ["dense"], "GPT2": ["c_attn"]}

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def adopt(folder: Path, out: Path, **named: Any) -> Bundle:
    """With settings the tiny checkpoints have room for."""
    return adopting.adopt(folder, out, **{"settings": TextSettings(max_tokens=32, overlap_tokens=8), **named})


def peft_model(base: Path, config: Any, n_labels: int = 2) -> PeftModel:
    """A plain classifier under a plain adapter, as after some training."""
    torch.manual_seed(0)
    model = get_peft_model(AutoModelForSequenceClassification.from_pretrained(base, num_labels=n_labels), config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def saved(base: Path, folder: Path, config: Any, n_labels: int = 2) -> Path:
    peft_model(base, config, n_labels).save_pretrained(folder)
    return folder


def lora(**options: Any) -> LoraConfig:
    return LoraConfig(task_type=TaskType.SEQ_CLS, **{**LORA, "target_modules": ["k_proj", "v_proj"], **options})


@torch.inference_mode()
def plain_scores(model: PeftModel, bundle: Bundle, base: Path, hate: int) -> list[float]:
    """What the plain model says of each text, after proof that the bundle's logits are the same; verdicts are rounded."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    windows = [tokenizer.encode(text).ids for text in TEXTS]
    logits = torch.cat([model(input_ids=torch.tensor([window])).logits for window in windows])
    assert open_engine(bundle).logits(windows) == pytest.approx(logits.numpy(), abs=1e-5)
    return [round(score, DIGITS) for score in logits.softmax(1)[:, hate].tolist()]


def change(folder: Path, **changes: Any) -> Path:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("method", ["lora", "dora", "ia3"])
def test_the_verdicts_are_the_plain_models(checkpoint: Checkpoint, tmp_path: Path, kind: str, method: str) -> None:
    turned = kind == "GPT2"
    if method == "ia3":
        config: Any = IA3Config(task_type=TaskType.SEQ_CLS, fan_in_fan_out=turned)  # PEFT's own choice of layers
        if kind in ("Llama", "Mistral"):
            config.target_modules, config.feedforward_modules = {"q_proj", "v_proj", "up_proj"}, {"up_proj"}
    else:
        config = lora(target_modules=LAYERS[kind], use_dora=method == "dora", fan_in_fan_out=turned)
    model = peft_model(checkpoint(kind), config)
    model.save_pretrained(tmp_path / "plain")
    bundle = adopt(tmp_path / "plain", tmp_path / "bundle", labels=OURS)
    assert bundle.manifest.tuning.name == method
    expected = plain_scores(model, bundle, checkpoint(kind), 1)
    assert Detector.open(bundle.folder).scores(TEXTS) == pytest.approx(expected, abs=LAST_DIGIT)


@pytest.mark.parametrize(
    "where",
    [
        {"target_modules": "all-linear"},
        {"target_modules": r".*\.1\..*\.(q_proj|gate_proj)"},
        {"target_modules": ["q_proj"], "layers_to_transform": [1]},
        {"target_modules": ["q_proj", "k_proj"], "exclude_modules": ["model.layers.0.self_attn.k_proj"]},
    ],
)
def test_layers_may_be_named_in_any_of_pefts_ways(checkpoint: Checkpoint, tmp_path: Path, where: Mapping[str, Any]) -> None:
    model = peft_model(checkpoint("Llama"), lora(**where))
    model.save_pretrained(tmp_path / "plain")
    bundle = adopt(tmp_path / "plain", tmp_path / "bundle", labels=OURS)
    expected = plain_scores(model, bundle, checkpoint("Llama"), 1)
    assert Detector.open(bundle.folder).scores(TEXTS) == pytest.approx(expected, abs=LAST_DIGIT)


def test_the_other_order_of_labels_turns_the_scores_round(checkpoint: Checkpoint, tmp_path: Path) -> None:
    model = peft_model(checkpoint("OPT"), lora())
    model.save_pretrained(tmp_path / "plain")
    bundle = adopt(tmp_path / "plain", tmp_path / "bundle", labels=("hate", "not_hate"))
    assert bundle.manifest.heads == (Head(name="hate", labels=("hate", "not_hate"), positive="hate"),)
    detector = Detector.open(bundle.folder)
    expected = plain_scores(model, bundle, checkpoint("OPT"), 0)
    assert detector.scores(TEXTS) == pytest.approx(expected, abs=LAST_DIGIT)
    assert [verdict.guess for verdict in detector.classify_all(TEXTS)] == [
        "hate" if score >= 0.5 else "not_hate" for score in expected
    ]
    beside = json.loads((bundle.folder / "config.json").read_text(encoding="utf-8"))
    assert beside["id2label"] == {"0": "hate", "1": "not_hate"}


def test_labels_are_read_from_a_configuration_beside_it_and_translated(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    (folder / "config.json").write_text(json.dumps({"id2label": {"1": "noHate", "0": "Hateful"}}), encoding="utf-8")
    assert adopt(folder, tmp_path / "bundle").manifest.heads[0].labels == ("hate", "not_hate")
    stated = adopt(folder, tmp_path / "stated", labels=("nothate", "hateful"))
    assert stated.manifest.heads[0].labels == ("not_hate", "hate")  # who says it knows better than a file


@pytest.mark.parametrize(
    "words", [None, {"0": "LABEL_0", "1": "LABEL_1"}, {"0": "0", "1": "1"}, {"0": "hate", "1": "hateful"}, "x"]
)
def test_which_label_is_hate_is_never_guessed(checkpoint: Checkpoint, tmp_path: Path, words: object) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    if words:
        (folder / "config.json").write_text(json.dumps({"id2label": words}), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        adopt(folder, tmp_path / "bundle")
    assert "--label not_hate --label hate" in caught.value.problems[0]
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize("labels", [("hate",), ("hate", "hate"), ("not_hate", "hate", "hate"), ("yes", "no")])
def test_labels_that_are_not_the_two_are_told(checkpoint: Checkpoint, tmp_path: Path, labels: tuple[str, ...]) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    with pytest.raises(ModelError) as caught:
        adopt(folder, tmp_path / "bundle", labels=labels)
    assert caught.value.problems[0].startswith("the labels are")


def test_all_that_our_options_cannot_say_is_told_at_once(checkpoint: Checkpoint, tmp_path: Path) -> None:
    config = lora(use_rslora=True, bias="all", rank_pattern={"k_proj": 2}, modules_to_save=["embed_tokens"])
    folder = change(saved(checkpoint("OPT"), tmp_path / "plain", config, n_labels=3), lora_alpha=0.5, of_tomorrow=7)
    with pytest.raises(ModelError, match="cannot be adopted") as caught:
        adopt(folder, tmp_path / "bundle")
    told = "\n".join(caught.value.problems)
    for word in (
        "use_rslora is true: tuning 'lora' cannot express it",
        'bias is "all"',
        'rank_pattern is {"k_proj": 2}',
        "of_tomorrow is 7",
        "lora_alpha is 0.5",
        "modules_to_save names embed_tokens",
        "its readout has 3 labels",
        "which logit is hate is not said",
    ):
        assert word in told
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task_type": "CAUSAL_LM"}, "task_type is 'CAUSAL_LM'"),
        ({"init_lora_weights": "pissa"}, "it changed the weights of the base too"),
        ({"peft_type": "VERA"}, "a LoRA, a DoRA or an IA3 can be adopted"),
        ({"base_model_name_or_path": None}, "say by --base"),
        ({"r": 5}, "r is 5, and its matrices are 4 wide"),
    ],
)
def test_each_thing_that_does_not_fit_is_told(checkpoint: Checkpoint, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    folder = change(saved(checkpoint("OPT"), tmp_path / "plain", lora()), **changes)
    with pytest.raises(HateTinyLLMError) as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS)
    assert said in str(caught.value)


def test_a_prefix_is_not_adopted(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", PrefixTuningConfig(task_type=TaskType.SEQ_CLS, num_virtual_tokens=3))
    with pytest.raises(ModelError, match="peft_type is 'PREFIX_TUNING'"):
        adopt(folder, tmp_path / "bundle", labels=OURS)


def test_an_adapter_without_its_readout_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    weights = {name: part for name, part in load_file(folder / "adapter_model.safetensors").items() if "score" not in name}
    save_file(weights, folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match="its readout was not saved"):
        adopt(folder, tmp_path / "bundle", labels=OURS)


def test_a_base_that_moved_is_named_by_hand(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = change(saved(checkpoint("OPT"), tmp_path / "plain", lora()), base_model_name_or_path=str(tmp_path / "gone"))
    with pytest.raises(ModelError, match="gone"):
        adopt(folder, tmp_path / "bundle", labels=OURS)
    bundle = adopt(folder, tmp_path / "bundle", labels=OURS, base=str(checkpoint("OPT")))
    assert bundle.manifest.base is not None
    assert bundle.manifest.base.source == str(checkpoint("OPT"))


def test_another_base_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    with pytest.raises(ModelError, match="is no linear layer of"):
        adopt(folder, tmp_path / "bundle", labels=OURS, base=str(checkpoint("GPT2")))


def test_a_tokenizer_of_its_own_and_texts_too_long_are_told_together(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    tokenizer = Tokenizer.from_file(str(checkpoint("OPT") / "tokenizer.json"))
    tokenizer.add_tokens(["and_one_more"])
    tokenizer.save(str(folder / "tokenizer.json"))
    with pytest.raises(ModelError) as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS, settings=TextSettings(max_tokens=65))
    assert [problem.partition(" ")[2][:20] for problem in caught.value.problems] == [
        "has other tokens tha",
        "is 65, the model rea",
    ]


def test_what_is_no_adapter_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no adapter of PEFT"):
        adopt(tmp_path, tmp_path / "bundle")
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelError, match="can run code"):
        adopt(folder, tmp_path / "bundle", labels=OURS)
    (folder / "adapter_config.json").write_text("[]", encoding="utf-8")
    (folder / "adapter_model.bin").rename(folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match="must hold an object"):
        adopt(folder, tmp_path / "bundle", labels=OURS)


@pytest.fixture
def pickled_base(checkpoint: Checkpoint, tmp_path: Path) -> Path:
    base = Path(shutil.copytree(checkpoint("OPT"), tmp_path / "pickled"))
    torch.save(load_file(base / "model.safetensors"), base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    return base


def test_a_base_that_is_only_pickled_is_read_by_request_and_the_bundle_opens_elsewhere(
    checkpoint: Checkpoint, pickled_base: Path, tmp_path: Path, own_cache: Path
) -> None:
    model = peft_model(checkpoint("OPT"), lora())
    model.save_pretrained(tmp_path / "plain")
    folder = change(tmp_path / "plain", base_model_name_or_path=str(pickled_base))
    with pytest.raises(ModelError) as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS)
    assert "--pickled of adopt" in caught.value.problems[0]
    bundle = adopt(folder, tmp_path / "bundle", labels=OURS, pickled=True)
    assert bundle.manifest.model.options["pickled"] is True
    shutil.rmtree(own_cache / "models")
    expected = plain_scores(model, bundle, checkpoint("OPT"), 1)
    assert Detector.open(bundle.folder).scores(TEXTS) == pytest.approx(expected, abs=LAST_DIGIT)


def test_a_base_with_safetensors_allows_no_pickles(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    bundle = adopt(folder, tmp_path / "bundle", labels=OURS, pickled=True)
    assert bundle.manifest.model.options["pickled"] is False


def test_the_adapters_own_revision_is_asked_for(checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    change(folder, base_model_name_or_path="some/model", revision="of-may")
    snapshot = shutil.copytree(checkpoint("OPT"), tmp_path / ("c" * 40))
    asked: list[object] = []

    def download(id: str, *, revision: str | None, **options: object) -> str:
        asked.append((id, revision))
        return str(snapshot)

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", download)
    bundle = adopt(folder, tmp_path / "bundle", labels=OURS)
    assert asked == [("some/model", "of-may")]
    assert bundle.manifest.base is not None
    assert bundle.manifest.base.revision == "c" * 40


@pytest.mark.parametrize(
    "changes",
    [
        *({"r": value} for value in ([2], {}, 10**400)),
        *({"modules_to_save": value} for value in (5, True)),
        *({"revision": value} for value in (5, ["a"])),
        {"lora_alpha": 10**400},
        {"base_model_name_or_path": 5},
    ],
)
def test_values_of_another_kind_are_told_before_anything_is_made(
    checkpoint: Checkpoint, tmp_path: Path, changes: dict[str, Any]
) -> None:
    folder = change(saved(checkpoint("OPT"), tmp_path / "plain", lora()), **changes)
    with pytest.raises(ModelError, match="cannot be adopted") as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS)
    assert {problem.partition(" ")[0] for problem in caught.value.problems} == {*changes}


@pytest.mark.parametrize(
    ("part", "broken", "said"),
    [
        ("lora_A", lambda tensor: torch.tensor(1.0), "is a single number"),
        ("score", lambda tensor: torch.tensor(1.0), "is a single number"),
        ("lora_A", lambda tensor: tensor * float("nan"), "no number, or too large"),
        ("score", lambda tensor: tensor.double() * 1e300, "no number, or too large"),
        ("lora_B", lambda tensor: tensor.int(), "is of int32, expected floats"),
    ],
)
def test_weights_that_are_none_are_told(
    checkpoint: Checkpoint, tmp_path: Path, part: str, broken: Callable[[torch.Tensor], torch.Tensor], said: str
) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    path = folder / "adapter_model.safetensors"
    save_file({name: broken(tensor) if part in name else tensor for name, tensor in load_file(path).items()}, path)
    with pytest.raises(ModelError, match="cannot be adopted") as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS)
    assert said in caught.value.problems[0]
    assert part in caught.value.problems[0]


@pytest.mark.parametrize("kind", ["small letters", "a beginning"])
def test_a_tokenizer_that_reads_the_same_words_otherwise_is_told(checkpoint: Checkpoint, tmp_path: Path, kind: str) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    tokenizer = Tokenizer.from_file(str(checkpoint("OPT") / "tokenizer.json"))
    if kind == "small letters":
        tokenizer.normalizer = normalizers.Lowercase()
    else:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.save(str(folder / "tokenizer.json"))
    with pytest.raises(ModelError, match="cannot be adopted") as caught:
        adopt(folder, tmp_path / "bundle", labels=OURS)
    assert "as other tokens than the tokenizer of its base" in caught.value.problems[0]


def test_a_tokenizer_that_cuts_and_pads_but_reads_the_same_is_taken(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = saved(checkpoint("OPT"), tmp_path / "plain", lora())
    tokenizer = Tokenizer.from_file(str(checkpoint("OPT") / "tokenizer.json"))
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=40)
    tokenizer.save(str(folder / "tokenizer.json"))
    assert adopt(folder, tmp_path / "bundle", labels=OURS).manifest.form == "adapter"


def test_tokenizers_are_tried_on_texts_in_normal_form() -> None:
    assert [normalise(probe, 1).text for probe in adopting.PROBES] == [*adopting.PROBES]
