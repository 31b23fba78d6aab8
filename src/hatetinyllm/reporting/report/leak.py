"""Whether the split rewards looking answers up: the verdict of an audit, or the command that makes one."""

from collections.abc import Mapping, Sequence
from typing import Any

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.charts import Axis, Bar, BarGroup, Counts, bars, histogram
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import bullets, command, figure, folded, grid, paragraph, tag, text
from hatetinyllm.reporting.report.sources import learnt_from
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import plural, sentence
from hatetinyllm.reporting.table import Column, Row, cells

NEEDED = ("name", "how", "part", "verdict", "reasons", "crossings", "figures", "histogram")
BY_WORDS = {
    "logistic": "regression on the rows alone",
    "probe": "... answering the opposite of a near train row",
    "copied": "... answering the same as a near train row",
    "nearest": "label of the nearest train row",
    "majority": "the commonest label",
}


def leak_of(subject: Subject) -> str:
    """The verdict with its figures; without an audit, what to run."""
    if subject.audit is None:
        return _not_run(subject)
    apart = beside_the_point(subject)
    warned = tag("p", tag("strong", "Beside the point. "), text(apart), class_="warning") if apart else ""
    return warned + _verdict(subject.audit) + _charts(subject, subject.audit) + _crossings(subject.audit)


def audit_in(content: object, where: str) -> Mapping[str, Any]:
    """The audit in a JSON file, whether it stands there alone or under its name."""
    found = content.get("audit", content) if isinstance(content, Mapping) else content
    missing = [key for key in NEEDED if key not in found] if isinstance(found, Mapping) else list(NEEDED)
    if missing:
        hints = [f"it lacks {', '.join(missing)}", "`hatetinyllm audit DATA --json > audit.json` makes one"]
        raise DataError(f"{where} holds no audit", hints)
    assert isinstance(found, Mapping)
    return found


def leak_words(subject: Subject) -> str:
    """The verdict in one sentence, for the card; empty where no audit was given."""
    audit = subject.audit
    if audit is None:
        return ""
    whole = audit["figures"]
    figures = (
        f"regression {share(whole.get('logistic'))}, probe {share(whole.get('probe'))}, nearest row {share(whole.get('nearest'))}"
    )
    reasons = "; ".join(audit["reasons"]) or "nothing of the judged part can be looked up in train"
    verdict = f"{audit['name']}, split {audit['how']}: {audit['verdict']}. {sentence(reasons)}"
    return f"{verdict} Accuracies: {figures}. {beside_the_point(subject)}".rstrip()


def _not_run(subject: Subject) -> str:
    judged = subject.judgement.judged
    splits = subject.judgement.judged.asked.get("split", {})
    asked = (
        f" --set split.name={splits['name']}"
        if isinstance(splits, Mapping) and splits.get("name") not in (None, "official")
        else ""
    )
    return paragraph(
        "Not run: whether the judged rows can be looked up in the train part is not known, and a figure on a split that leaks is",
        "no figure. This tells, and its result is given to report by --audit:",
    ) + command(f"hatetinyllm audit {judged.name}{asked} --json > audit.json")


def beside_the_point(subject: Subject) -> str:
    """Why an audit does not speak of these figures; empty where it does, and where there is none."""
    audit, judged, learnt = subject.audit, subject.judgement.judged, learnt_from(subject)
    if audit is None:
        return ""
    if audit["name"] != judged.name or audit["how"] not in {judged.how, learnt.get("how")}:
        return f"This audit is of {audit['name']}, split {audit['how']}; the rows above are of {judged.name}, split {judged.how}."
    if learnt and learnt.get("name") != audit["name"]:
        return f"The model learnt from {learnt.get('name')}, not from the train part of {audit['name']} that was audited."
    if learnt and learnt.get("how") != audit["how"]:
        return f"The model learnt from split {learnt.get('how')}, and this audit is of split {audit['how']}."
    return ""


def _verdict(audit: Mapping[str, Any]) -> str:
    if audit["verdict"] == "leaks":
        opening = tag(
            "p",
            tag("strong", "This split leaks. "),
            text("Its test rewards looking up, so its figures hold for it alone."),
            class_="warning",
        )
        return opening + bullets(audit["reasons"])
    return paragraph("Clean: no kin are parted, and looking rows up in train gains nothing.", class_="lead")


def _charts(subject: Subject, audit: Mapping[str, Any]) -> str:
    whole = audit["figures"]
    title = "Accuracy without understanding"
    lines = tuple(Bar(label=words, value=whole.get(name)) for name, words in BY_WORDS.items() if whole.get(name) is not None)
    looked = bars(title, [BarGroup(bars=lines)], axis=Axis(name=f"accuracy on {audit['part']}"), anchor=f"{subject.key}-looked")
    return tag(
        "div",
        figure(title, looked, "Where the second bar is above the first by more than .02, answers can be looked up."),
        _cosines(subject, audit["histogram"]),
        class_="charts",
    )


def _cosines(subject: Subject, bins: Sequence[Mapping[str, Any]]) -> str:
    if not bins:
        return ""
    title = "How near the nearest train row is"
    edges = [bins[0]["low"], *(one["high"] for one in bins)]
    kinds = [Counts(name=f"{kind} label", counts=[one[kind] for one in bins]) for kind in ("same", "opposite")]
    chart = histogram(title, kinds, edges, x=Axis(name="cosine of character n-grams"), anchor=f"{subject.key}-cosine")
    return figure(title, chart, "A pile to the right hanging below the line is contrast pairs in both parts.")


def _crossings(audit: Mapping[str, Any]) -> str:
    found: list[Row] = [
        cells(
            f"{one['later']} rows with kin in {one['earlier']}",
            plural(one["kin"], "row"),
            share(one["kin"] / one["rows"] if one["rows"] else None),
        )
        for one in audit["crossings"]
    ]
    close = [
        cells(f"nearest train row at cosine {one['cosine']:g} or nearer", plural(one["rows"], "row"), share(one["share"]))
        for one in audit["figures"].get("close", ())
    ]
    columns = [Column(name=""), Column(name="rows", number=True), Column(name="share", number=True)]
    return folded("What stands in two parts", grid(f"{audit['name']}, split {audit['how']}", columns, [*found, *close]))
