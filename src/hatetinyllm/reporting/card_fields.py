"""The fields of a model card: each a heading, what fills it, and whether a card may do without."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hatetinyllm.evaluation.slices import Slice, by_facet
from hatetinyllm.labels import SCHEMES
from hatetinyllm.metrics.fairness import GroupFairness
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.report.compared import systems_of
from hatetinyllm.reporting.report.curves import points_of
from hatetinyllm.reporting.report.functions import worst_in_words
from hatetinyllm.reporting.report.leak import leak_words
from hatetinyllm.reporting.report.limits import INTENDED, NOT_INTENDED, limits_in_words
from hatetinyllm.reporting.report.mistakes import mistaken_ids
from hatetinyllm.reporting.report.modes import calibrated_in_words, modes_in_words
from hatetinyllm.reporting.report.protocol import protocol_facts
from hatetinyllm.reporting.report.sources import base_words, learnt_from, licence_sentence, traps_of
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import FACETS, measured, metric_words, one_label, part_words, percent, plural, spoken
from hatetinyllm.reporting.table import Column, Row, cells, escaped, rows_to_markdown
from hatetinyllm.types import Result

About = Mapping[str, str]
Make = Callable[[Sequence[Subject], About], str]
NOT_MEASURED = "Not measured."
CONTENT_WARNING = (
    "The data this model learnt from and was judged on hold slurs, threats and abuse. No text of theirs stands in this card; "
    "rows are named by their ids."
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A heading and what makes its text; `fill` tells a person how, `silent` is said where it may stay empty."""

    heading: str
    made: Make
    fill: str = "the judgement does not tell: judge the bundle again"
    required: bool = True
    silent: str = NOT_MEASURED


def _warning(subjects: Sequence[Subject], about: About) -> str:
    return CONTENT_WARNING


def _use(subjects: Sequence[Subject], about: About) -> str:
    return f"{_list(INTENDED)}\n\nNot for:\n\n{_list(NOT_INTENDED)}"


def _model(subjects: Sequence[Subject], about: About) -> str:
    manifest = subjects[0].judgement.manifest
    if not manifest and not about.get("base_model"):
        return ""
    tuning = (manifest.get("tuning") or {}).get("name", "")
    text = manifest.get("text") or {}
    lines = [
        f"Base model: {about.get('base_model') or base_words(subjects[0])}",
        f"Tuning: {tuning}" if tuning else "",
        f"Trained parameters: {about.get('trained_parameters') or 'not stated'}",
        *(f"Identity: {one.judgement.identity}" for one in subjects),
        f"Text: at most {text['max_tokens']} tokens a window; of a longer text the window with the highest score decides"
        if "max_tokens" in text
        else "",
    ]
    return _list([line for line in lines if line])


def _labels(subjects: Sequence[Subject], about: About) -> str:
    head = subjects[0].judgement.head
    scheme = SCHEMES.get(head.name)
    said = about.get("labels") or (f"{scheme.question} The answer {head.positive} means yes." if scheme else "")
    if not said:
        return ""
    names = dict.fromkeys([one.judgement.judged.name for one in subjects])
    traps = [trap for name in names for trap in traps_of(name)]
    return escaped(said) + (f"\n\nKnown of the data it was judged on:\n\n{_list(traps)}" if traps else "")


def _data(subjects: Sequence[Subject], about: About) -> str:
    lines = []
    for one in subjects:
        learnt, judged = learnt_from(one), one.judgement.judged
        if learnt:
            rows = ", ".join(f"{part} {count:,}" for part, count in (learnt.get("rows") or {}).items())
            lines.append(f"Learnt from {learnt.get('name')}, split {learnt.get('how')} ({rows}); digest {learnt.get('digest')}")
        lines.append(
            f"Judged on {judged.name} {judged.part}, split {judged.how} ({plural(judged.rows, 'row')}); digest {judged.digest}"
        )
    whole = licence_sentence(subjects[0])
    return _list(list(dict.fromkeys(lines))) + "\n\n" + escaped(f"Licences together, by the strictest reading: {whole}.")


def _leak(subjects: Sequence[Subject], about: About) -> str:
    found = [leak_words(one) for one in subjects]
    return escaped(next((one for one in found if one), about.get("leak_probe", "")))


def _protocol(subjects: Sequence[Subject], about: About) -> str:
    parts = []
    for one in subjects:
        lines = _list([f"{name}: {said}" for name, said in protocol_facts(one).items() if said])
        parts.append((f"On {escaped(one.judgement.result.name)}:\n\n" if len(subjects) > 1 else "") + lines)
    return "\n\n".join(parts)


def _figures(subjects: Sequence[Subject], about: About) -> str:
    first = subjects[0].judgement.result
    names = ["macro_f1", f"f1_{first.positive}", "auroc", "auprc", "accuracy", "mcc", "fpr", "fnr", "ece_pos", "brier"]
    words = metric_words(first)
    columns = [
        "",
        *(f"{one.judgement.name} on {one.judgement.result.name}" for one in subjects),
        *(other.name for other in subjects[0].judgement.others),
    ]
    results = [*(one.judgement.result for one in subjects), *subjects[0].judgement.others]
    rows: list[Row] = [
        cells("rows", *(f"{one.rows:,}" for one in results)),
        cells(f"are {first.positive}", *(percent(one.prevalence) for one in results)),
    ]
    rows += [cells(words[name][0], *(measured(one, name) for one in results)) for name in names if name in words]
    seeds = max(len(system.judgements) for system in systems_of(subjects))
    trained = f"{seeds} seeds of training." if seeds > 1 else "One seed of training: how far another would lie is not known."
    return _table(columns, rows) + f"\n\nIntervals are of 95 %. {trained}"


def _thresholds(subjects: Sequence[Subject], about: About) -> str:
    judgement = subjects[0].judgement
    if judgement.rows is None or not 0 < judgement.result.prevalence < 1:
        return ", ".join(f"{mode} from {share(band.high, 4)}" for mode, band in judgement.bands.items())
    rows = [
        cells(one.mode, share(one.threshold, 4), share(one.recall), share(one.fpr), share(one.precision))
        for one in points_of(judgement, judgement.rows)
    ]
    said = [*modes_in_words(subjects[0]), calibrated_in_words(subjects[0])]
    return _table(["mode", "from a score of", "recall", "FPR", "precision"], rows) + "\n\n" + _list([one for one in said if one])


def _parts(subjects: Sequence[Subject], about: About) -> str:
    """Facet by facet, under a heading of its own: a function and a type may go by one word."""
    rows: list[Row] = []
    for subject in subjects:
        for facet, found in by_facet(subject.judgement.slices).items():
            rows.append(cells(FACETS.get(facet, spoken(facet))))
            rows += [_part(one) for one in found]
    if not rows:
        return "The data tells its rows apart by nothing: there are no parts to judge."
    return _table(["part", "rows", "accuracy", "macro-F1"], rows)


def _part(one: Slice) -> Row:
    accuracy = measured(one.result, "accuracy") if one.result else "too few"
    return cells(part_words(one.facet, one.word), f"{one.rows:,}", accuracy, _both(one.result))


def _both(result: Result | None) -> str:
    """A figure that needs both labels."""
    return "–" if result is None or one_label(result) else measured(result, "macro_f1")


def _groups(subjects: Sequence[Subject], about: About) -> str:
    """Under a heading for each source of groups; who is named in no row at all is left out."""
    rows: list[Row] = []
    for found in (found for subject in subjects for found in subject.judgement.groups):
        named = [_group(one) for one in found.fairness.groups if one.positives or one.negatives]
        rows += [cells(f"{found.source[:1].upper()}{found.source[1:]}"), *named] if named else []
    if not rows:
        return escaped(about.get("groups", ""))
    swaps = subjects[0].judgement.swaps
    said = (
        f"\n\nWith other people named, {percent(swaps.rate)} of {plural(swaps.texts, 'text')} get another label." if swaps else ""
    )
    return _table(["group", "positive", "negative", "FPR", "FNR", "BPSN AUC", "BNSP AUC"], rows) + said


def _group(one: GroupFairness) -> Row:
    figures = (share(one.fpr), share(one.fnr), share(one.bpsn_auc), share(one.bnsp_auc))
    shown = figures if one.sufficient else ("insufficient", "–", "–", "–")
    return cells(spoken(one.name), f"{one.positives:,}", f"{one.negatives:,}", *shown)


def _functions(subjects: Sequence[Subject], about: About) -> str:
    suites = [suite for one in subjects for suite in one.suites]
    if not suites:
        return escaped(about.get("functions", ""))
    parts = []
    for suite in suites:
        rows = [cells(one.name, f"{one.cases:,}", share(one.passed / one.cases)) for one in suite.functions if one.cases]
        table = _table(["function", "cases", "pass"], rows)
        parts.append(f"{escaped(suite.name)}, the worst:\n\n{_list(worst_in_words(suite))}\n\n{table}")
    return "\n\n".join(parts)


def _mistakes(subjects: Sequence[Subject], about: About) -> str:
    ids = mistaken_ids(subjects[0], 10)
    return escaped(f"Rows it was surest of and wrong: {', '.join(ids)}.") if ids else "None among the judged rows."


def _limits(subjects: Sequence[Subject], about: About) -> str:
    return _list(list(dict.fromkeys(line for one in subjects for line in limits_in_words(one))))


def _made(subjects: Sequence[Subject], about: About) -> str:
    lines = []
    for one in subjects:
        judgement, manifest = one.judgement, one.judgement.manifest
        versions = ", ".join(f"{name} {version}" for name, version in sorted(judgement.made_with.items()))
        lines += [
            f"Trained {manifest['made_at']}" if manifest.get("made_at") else "",
            f"Judged {judgement.made_at} with {versions}",
        ]
    return _list([line for line in dict.fromkeys(lines) if line])


def _told(key: str) -> Make:
    return lambda subjects, about: escaped(about.get(key, ""))


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _table(names: Sequence[str], rows: Sequence[Row]) -> str:
    return rows_to_markdown([Column(name=names[0]), *(Column(name=name, number=True) for name in names[1:])], rows)


BY_PERSON = 'say it in the file that --about names: {} = "..."'
FIELDS = (
    Field(heading="Content warning", made=_warning),
    Field(heading="Intended use", made=_use),
    Field(heading="Model", made=_model, fill=BY_PERSON.format("base_model")),
    Field(heading="Label definition", made=_labels, fill=BY_PERSON.format("labels")),
    Field(heading="Data and licences", made=_data),
    Field(
        heading="Leak probe",
        made=_leak,
        fill='give --audit the result of `hatetinyllm audit DATA --json`, or say why not: leak_probe = "..."',
    ),
    Field(heading="Protocol", made=_protocol),
    Field(heading="Results", made=_figures),
    Field(heading="Thresholds", made=_thresholds),
    Field(heading="Parts of the rows", made=_parts),
    Field(heading="Groups of people", made=_groups, fill=BY_PERSON.format("groups")),
    Field(
        heading="Functional tests",
        made=_functions,
        fill='give --suite the result of `hatetinyllm check SUITE BUNDLE --save FILE`, or say why not: functions = "..."',
    ),
    Field(heading="Mistakes to read", made=_mistakes),
    Field(heading="Obfuscation", made=_told("obfuscation"), required=False),
    Field(heading="Dialect", made=_told("dialect"), required=False),
    Field(heading="Latency", made=_told("latency"), required=False),
    Field(heading="Energy", made=_told("energy"), required=False),
    Field(heading="Limits", made=_limits),
    Field(heading="Contact and appeals", made=_told("contact"), fill=BY_PERSON.format("contact")),
    Field(heading="Changes", made=_told("changes"), required=False, silent="None recorded."),
    Field(heading="Provenance", made=_made),
)
