"""How the figures were obtained, in words: which rows, how they were parted, what was left out, who chose the thresholds."""

from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import facts, text
from hatetinyllm.reporting.report.modes import calibrated_in_words, mode_words
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import percent, plural


def protocol_of(subject: Subject) -> str:
    """Names and sentences."""
    return facts({name: text(said) for name, said in protocol_facts(subject).items()})


def protocol_facts(subject: Subject) -> dict[str, str]:
    """The protocol as plain sentences, for the page and the card."""
    judgement = subject.judgement
    judged, drawn, result = judgement.judged, judgement.drawn, judgement.result
    notes = " ".join(note.rstrip(".") + "." for note in judged.notes)
    return {
        "Rows": f"The {judged.part} part of {judged.name}: {plural(result.rows, 'row')}, {percent(result.prevalence)} "
        f"{result.positive}. The positive label of every figure is {result.positive}.",
        "Split": f"{judged.how}.",
        "Left out": _left_out(subject),
        "Mode": _mode(subject),
        "Calibration": calibrated_in_words(subject),
        "Intervals": f"95 %, percentile bootstrap of {drawn.draws:,} draws, seed {drawn.seed}. "
        f"{_clusters(subject)} A rate of single rows has Wilson's interval.",
        "Baselines": _baselines(subject),
        "To know": notes,
    }


def _left_out(subject: Subject) -> str:
    judged, result = subject.judgement.judged, subject.judgement.result
    said = []
    if judged.seen:
        said.append(f"{plural(judged.seen, 'row')} of {judged.rows:,} because the model learnt from their text.")
    if result.left_out:
        said.append(f"{plural(result.left_out, 'row')} without a label or with nothing to read.")
    return " ".join(said) or "Nothing."


def _mode(subject: Subject) -> str:
    judgement = subject.judgement
    band = judgement.band
    where = f"{subject.positive} from a score of {share(band.high)} on"
    doubt = f", {subject.negative} below {share(band.low)}, left to people between" if band.low < band.high else ""
    return f"{judgement.mode}: {where}{doubt}; {mode_words(subject, judgement.mode)}."


def _clusters(subject: Subject) -> str:
    drawn, clusters = subject.judgement.drawn, subject.judgement.result.clusters
    if clusters is None:
        return "Rows are drawn one by one."
    return f"Whole groups of kin are drawn, {clusters:,} of them ({drawn.kin}), since kin are not independent."


def _baselines(subject: Subject) -> str:
    names = [one.name for one in subject.judgement.others if not one.name.startswith("always")]
    learnt = f"{', '.join(names)} learnt from the model's own train rows. " if names else "TF-IDF was not fitted. "
    return learnt + "The answers that read nothing call every row the same."
