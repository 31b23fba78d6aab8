"""A text classifier on disk: its labels are recognised or named, its scores are the pipeline's, and nothing random is judged."""

from pathlib import Path

import pytest
import tokenizers
import torch
import transformers

from hatetinyllm.errors import DetectorError, ModelError
from hatetinyllm.inference.detectors.pipeline import open_detector

WORDS = ("<pad>", "<unk>", "they", "are", "welcome", "nobody", "likes", "people")
TEXTS = ["they are welcome", "nobody likes people", "they"] * 50


def write(folder: Path, labels: tuple[str, ...], *, pad: bool = True, head: bool = True) -> Path:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=0 if pad else None, bos_token_id=1, eos_token_id=1,
        id2label=dict(enumerate(labels)), label2id={label: number for number, label in enumerate(labels)},
    )  # fmt: skip
    kind = transformers.LlamaForSequenceClassification if head else transformers.LlamaForCausalLM
    kind(config).save_pretrained(folder)
    words = tokenizers.models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>")
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    special = {"pad_token": "<pad>"} if pad else {}
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", **special)
    fast.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("pad", [True, False])
def test_scores_are_the_probabilities_of_the_label_however_texts_are_padded(tmp_path: Path, pad: bool) -> None:
    folder = write(tmp_path / "net", ("nothate", "hate"), pad=pad)
    told: list[int] = []
    detector = open_detector(str(folder))
    found = detector.ask(TEXTS, told.append).scores
    alone = detector.ask(TEXTS[:1], told.append).scores
    net = transformers.LlamaForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        expected = net(input_ids=torch.tensor([[2, 3, 4]])).logits.softmax(-1)[0, 1].item()
    assert found[0] == pytest.approx(expected, abs=1e-5)
    assert alone[0] == pytest.approx(expected, abs=1e-5)
    assert len(found) == sum(told) - 1 == 150
    assert detector.asked == "hate"
    assert detector.identity.startswith("sha256:")


def test_labels_that_say_nothing_must_be_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "net", ("LABEL_0", "LABEL_1"))
    with pytest.raises(DetectorError, match="--positive"):
        open_detector(str(folder))
    first, second = (open_detector(str(folder), positive=f"LABEL_{n}").ask(TEXTS[:3], lambda n: None).scores for n in (0, 1))
    assert (first + second).tolist() == pytest.approx([1, 1, 1])


def test_a_checkpoint_without_a_readout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no text classifier"):
        open_detector(str(write(tmp_path / "net", ("nothate", "hate"), head=False)))


def test_a_folder_without_safetensors_or_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no safetensors"):
        open_detector(str(tmp_path))
    with pytest.raises(ModelError, match="there is no folder"):
        open_detector(str(tmp_path / "nowhere"))


def test_a_very_long_text_is_cut_to_what_the_net_can_read(tmp_path: Path) -> None:
    detector = open_detector(str(write(tmp_path / "net", ("nothate", "hate"))))
    long, cut = ("they are " * times for times in (500, 31))
    scores = detector.ask([long, cut], lambda count: None).scores
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)
