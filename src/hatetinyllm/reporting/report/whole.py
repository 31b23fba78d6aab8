"""A report whole: for one judgement its sections, for several a comparison first and a chapter for each."""

from collections.abc import Sequence

from hatetinyllm.reporting.report.compared import compared_of
from hatetinyllm.reporting.report.confusion import confusion_of
from hatetinyllm.reporting.report.curves import calibration_of, curves_of
from hatetinyllm.reporting.report.document import document
from hatetinyllm.reporting.report.functions import functions_of
from hatetinyllm.reporting.report.headline import headline_of
from hatetinyllm.reporting.report.leak import leak_of
from hatetinyllm.reporting.report.limits import limits_of
from hatetinyllm.reporting.report.mistakes import mistakes_of
from hatetinyllm.reporting.report.parts import contrasts_of, parts_of
from hatetinyllm.reporting.report.people import people_of
from hatetinyllm.reporting.report.protocol import protocol_of
from hatetinyllm.reporting.report.provenance import provenance_of
from hatetinyllm.reporting.report.sources import sources_of
from hatetinyllm.reporting.report.subject import Section, Subject
from hatetinyllm.reporting.report.wording import percent, plural
from hatetinyllm.version import __version__

PARTS = (
    ("headline", "Headline", headline_of),
    ("protocol", "How it was measured", protocol_of),
    ("curves", "Thresholds", curves_of),
    ("calibration", "Calibration", calibration_of),
    ("confusion", "Right and wrong", confusion_of),
    ("parts", "Parts of the rows", parts_of),
    ("contrasts", "Contrast pairs", contrasts_of),
    ("people", "Groups of people", people_of),
    ("functions", "Functional tests", functions_of),
    ("mistakes", "Mistakes to read", mistakes_of),
    ("leak", "Leak probe", leak_of),
    ("sources", "Data and licences", sources_of),
    ("limits", "Intended use and limits", limits_of),
    ("provenance", "Provenance", provenance_of),
)


def report_page(subjects: Sequence[Subject]) -> str:
    """The page; the same judgements give the same bytes."""
    first = subjects[0]
    foot = f"Made by hatetinyllm {__version__}. This page loads nothing, runs no script, and sends nothing anywhere."
    if len(subjects) == 1:
        return document(title_of(first), [opening_of(first)], [("", "", sections_of(first))], foot=foot)
    names = ", ".join(dict.fromkeys(one.judgement.name for one in subjects))
    compared = Section(anchor="compared", title="Compared", inside=compared_of(subjects))
    chapters = [("", "", [compared]), *((one.key, title_of(one), sections_of(one)) for one in subjects)]
    return document(f"{plural(len(subjects), 'judgement')} compared", [names], chapters, foot=foot)


def sections_of(subject: Subject) -> list[Section]:
    """All sections of one judgement."""
    return [Section(anchor=f"{subject.key}-{name}", title=title, inside=made(subject)) for name, title, made in PARTS]


def title_of(subject: Subject) -> str:
    """What was judged on what."""
    judged = subject.judgement.judged
    return f"{subject.judgement.name} on {judged.name} {judged.part}"


def opening_of(subject: Subject) -> str:
    """The judgement in a sentence."""
    judgement = subject.judgement
    result = judgement.result
    return (
        f"{plural(result.rows, 'row')}, {percent(result.prevalence)} of them {result.positive}; split {judgement.judged.how}; "
        f"mode {judgement.mode}."
    )
