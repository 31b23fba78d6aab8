"""
A result as JUnit XML, which every CI reads: a test suite for each function, a test case for each case, and never a text.

A case that does not pass is a failure, with what was expected, what was said, and the score. Whether the whole is good
enough is the gate's to say: it stands in the properties, and in the exit code.
"""

from pathlib import Path
from xml.etree import ElementTree

from hatetinyllm.folder import write_text_whole
from hatetinyllm.studies.check import Checked
from hatetinyllm.studies.gate import Held
from hatetinyllm.studies.outcome import Outcome, SuiteResult


def write_junit(path: Path, checked: Checked) -> None:
    """The file of a check."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = ElementTree.tostring(junit_of(checked), encoding="unicode")
    write_text_whole(path, f'<?xml version="1.0" encoding="utf-8"?>\n{content}\n')


def junit_of(checked: Checked) -> ElementTree.Element:
    """The tree: testsuites, testsuite, testcase, failure."""
    result, held = checked.result, {one.rate.name: one for one in checked.gate.held}
    share_s = result.seconds / max(1, len(result.outcomes))
    root = ElementTree.Element("testsuites", _counts(f"{result.suite} against {result.detector}", result.outcomes, share_s))
    for function in result.functions:
        own = tuple(one for one in result.outcomes if one.function == function.name)
        suite = ElementTree.SubElement(root, "testsuite", _counts(function.name, own, share_s))
        suite.set("timestamp", result.made_at.partition("+")[0])
        _properties(suite, result, held.get(function.name))
        for one in own:
            _case(suite, one, result, share_s)
    ElementTree.indent(root)
    return root


def _counts(name: str, outcomes: tuple[Outcome, ...], share_s: float) -> dict[str, str]:
    return {
        "name": _printable(name),
        "tests": str(len(outcomes)),
        "failures": str(sum(not one.passed for one in outcomes)),
        "errors": "0",
        "skipped": "0",
        "time": f"{share_s * len(outcomes):.3f}",
    }


def _properties(suite: ElementTree.Element, result: SuiteResult, held: Held | None) -> None:
    said = {"detector": result.detector, "identity": result.identity, "suite": result.digest, "decided by": result.decided}
    if held is not None:
        said |= {"pass rate": f"{held.rate.share:.4f}", "bar": f"{held.bar:g}", "bar met": "yes" if held.met else "no"}
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in said.items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": _printable(value)})


def _case(suite: ElementTree.Element, one: Outcome, result: SuiteResult, share_s: float) -> None:
    names = {"classname": _printable(f"{result.suite}.{one.function}"), "name": _printable(one.id), "time": f"{share_s:.3f}"}
    case = ElementTree.SubElement(suite, "testcase", names)
    if not one.passed:
        said = one.said or f"no answer ({one.reason})"
        score = "" if one.score is None else f", score {one.score:.4f}"
        message = _printable(f"expected {one.expected}, got {said}{score}; {result.decided}")
        failure = ElementTree.SubElement(case, "failure", {"type": "wrong" if one.said else "no answer", "message": message})
        failure.text = message


def _printable(text: str) -> str:
    """What XML can hold."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
