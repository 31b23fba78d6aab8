"""JUnit XML: of the structure every CI reads, with counts that add up, and never a text."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from hatetinyllm.data.suite import suite_of
from hatetinyllm.studies.check import check_suite
from hatetinyllm.studies.junit import write_junit
from hatetinyllm.types import Example

ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure"}),
    "failure": ({"type", "message"}, set()),
}


def check_structure(node: ElementTree.Element) -> None:
    attributes, children = ALLOWED[node.tag]
    assert set(node.attrib) == attributes
    assert {child.tag for child in node} <= children
    for child in node:
        check_structure(child)


@pytest.fixture
def written(tmp_path: Path) -> ElementTree.Element:
    rows = [("a", "hate", "one"), ("b", "hate", "one"), ("c", "not_hate", "two"), ("d\x01<&", "not_hate", "two")]
    cases = [Example(text=f"secret words {id}", id=id, labels={"hate": (label,)}, slice=name) for id, label, name in rows]
    answers = [0.9, 0.1, None, 0.2]
    write_junit(tmp_path / "deep" / "junit.xml", check_suite(suite_of("mine", cases), lambda texts: answers, bar=0.4))
    content = (tmp_path / "deep" / "junit.xml").read_text(encoding="utf-8")
    assert content.startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert "secret" not in content
    return ElementTree.fromstring(content)


def test_the_structure_is_the_common_one_and_the_counts_add_up(written: ElementTree.Element) -> None:
    check_structure(written)
    assert [suite.get("name") for suite in written] == ["one", "two"]
    for node in (written, *written):
        assert int(node.get("tests", "")) == len(node.findall(".//testcase"))
        assert int(node.get("failures", "")) == len(node.findall(".//failure"))
    assert {case.get("classname") for case in written.iter("testcase")} == {"mine.one", "mine.two"}


def test_a_failure_says_what_was_expected_the_score_and_the_threshold(written: ElementTree.Element) -> None:
    wrong, silent = written.iter("failure")
    assert wrong.get("type") == "wrong"
    assert wrong.get("message", "").startswith("expected hate, got not_hate, score 0.1000; hate from 0.5 on")
    assert silent.get("type") == "no answer"
    assert silent.get("message", "").startswith("expected not_hate, got no answer (no answer); hate from 0.5 on")


def test_the_bar_stands_in_the_properties_and_strange_ids_are_made_printable(written: ElementTree.Element) -> None:
    said = {one.get("name"): one.get("value") for one in written[0].iter("property")}
    assert (said["bar"], said["pass rate"], said["bar met"]) == ("0.4", "0.5000", "yes")
    assert [case.get("name") for case in written[1].iter("testcase")] == ["c", "d <&"]
