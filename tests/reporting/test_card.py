"""A card says all it must, or is refused; its metadata is what the Hub reads."""

from dataclasses import replace

import pytest
import yaml
from huggingface_hub import ModelCard as HubCard

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.card import NEEDED_METADATA, card_markdown, missing_fields, model_card
from hatetinyllm.reporting.card_fields import FIELDS
from hatetinyllm.reporting.report.subject import Subject

ABOUT = {"contact": "ada@example.org", "title": "Mine <b>", "licence": "mit"}


def metadata(said: str) -> dict:
    return yaml.safe_load(said.split("---\n")[1])


def test_a_whole_card_is_what_the_hub_reads(subject) -> None:
    said = card_markdown(model_card([subject], ABOUT))
    found = metadata(said)
    assert set(NEEDED_METADATA) <= set(found)
    assert (found["license"], found["pipeline_tag"], found["language"]) == ("mit", "text-classification", ["en"])
    read = HubCard(said).data
    measured = {one.metric_name.split(" [")[0]: one.metric_value for one in read.eval_results}
    metrics = subject.judgement.result.metrics
    assert measured["macro-F1"] == pytest.approx(metrics["macro_f1"], abs=1e-6)
    assert measured["AUROC"] == pytest.approx(metrics["auroc"], abs=1e-6)
    assert {one.dataset_split for one in read.eval_results} == {"test"}
    assert read.model_name == "Mine <b>"


def test_every_field_has_its_heading_in_its_order(subject) -> None:
    said = card_markdown(model_card([subject], ABOUT))
    headings = [line.removeprefix("## ") for line in said.splitlines() if line.startswith("## ")]
    assert headings == [field.heading for field in FIELDS]
    assert "# Mine \\<b\\>" in said


def test_no_name_is_taken_for_markup(subject) -> None:
    said = card_markdown(model_card([subject], ABOUT))
    body = said.split("---\n", 2)[2]
    assert "<script" not in body.replace("\\<script", "")


def test_an_empty_field_is_told_with_the_way_to_fill_it(subject) -> None:
    card = model_card([replace(subject, audit=None, suites=())], {})
    missing = missing_fields(card)
    assert [one.split(":")[0] for one in missing] == ["Leak probe", "Functional tests", "Contact and appeals"]
    assert "hatetinyllm audit" in missing[0]
    with pytest.raises(DataError, match="lacks what it must say") as caught:
        card_markdown(card)
    assert caught.value.problems == tuple(missing)


@pytest.mark.parametrize("field", [field.heading for field in FIELDS if field.required])
def test_each_required_field_is_asked_for(subject, field: str) -> None:
    card = model_card([subject], ABOUT)
    assert missing_fields(card) == []
    emptied = replace(card, fields={**card.fields, field: "  "})
    assert [one.split(":")[0] for one in missing_fields(emptied)] == [field]


@pytest.mark.parametrize("key", NEEDED_METADATA)
def test_each_part_of_the_metadata_is_asked_for(subject, key: str) -> None:
    card = model_card([subject], ABOUT)
    assert f"metadata {key}" in missing_fields(replace(card, metadata={**card.metadata, key: ()}))[0]


def test_a_reason_stands_in_for_what_was_not_run(subject) -> None:
    about = {**ABOUT, "leak_probe": "train cannot be read", "functions": "none in this language"}
    said = card_markdown(model_card([replace(subject, audit=None, suites=())], about))
    assert "## Leak probe\n\ntrain cannot be read" in said
    assert "## Latency\n\nNot measured." in said


def test_the_licence_is_the_one_of_all_parts_or_the_owners(subject) -> None:
    assert model_card([subject], {}).metadata["license"] == "apache-2.0"
    held = {**subject.judgement.manifest, "base_licence": "some terms"}
    other = replace(subject, judgement=replace(subject.judgement, manifest=held))
    assert model_card([other], {}).metadata["license"] == "other"
    closed = {**held, "data": {**held["data"], "licences": ["cc-by-nc-4.0"]}}
    assert (
        "non-commercial"
        in model_card([replace(other, judgement=replace(other.judgement, manifest=closed))], {}).metadata["license_name"]
    )


@pytest.mark.parametrize(("source", "said"), [("who/what", "who/what"), ("./mine", ""), ("/a/b", ""), ("one", "")])
def test_only_a_model_of_the_hub_is_named_as_base(subject, source: str, said: str) -> None:
    manifest = {**subject.judgement.manifest, "base": {"source": source, "sha256": "0"}}
    held = replace(subject, judgement=replace(subject.judgement, manifest=manifest))
    assert model_card([held], {}).metadata["base_model"] == said


def test_a_card_is_of_one_model(subject, judgement_of) -> None:
    other = judgement_of(name="other")
    manifest = {**other.manifest, "recipe": "something else"}
    with pytest.raises(DataError, match="of one model"):
        model_card([subject, Subject(judgement=replace(other, manifest=manifest, identity="another"))], {})


def test_seeds_of_one_recipe_are_one_card(subject, judgement_of) -> None:
    other = judgement_of(name="other", seed=1)
    manifest = {**other.manifest, "recipe": other.manifest["recipe"].replace("42", "43")}
    said = card_markdown(model_card([subject, Subject(judgement=replace(other, manifest=manifest), key="j1")], ABOUT))
    assert "2 seeds of training" in said
    assert len(metadata(said)["model-index"][0]["results"]) == 2
