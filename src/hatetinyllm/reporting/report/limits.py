"""What such a detector is for, what it is not for, and what this judgement cannot know."""

from hatetinyllm.reporting.markup import bullets, tag
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import spoken

INTENDED = (
    "To rank texts and route them to people, who decide.",
    "To measure, in research, how much of a corpus is hateful, with the error rates stated here beside every count.",
    "To tell authors, before they post, how a text may be read.",
)
NOT_INTENDED = (
    "To remove texts or ban people with nobody looking.",
    "To score, profile or rank people; a target group that is named describes the text, never its author.",
    "To infer who somebody is, or which dialect they speak.",
    "For the police, for hiring, for credit, or for anything of that weight.",
    "For other languages than those it was judged in.",
)
RIGHTS = (
    "Whoever is affected by a decision should be told that a machine took part in it, why, and how to have it looked at again."
)
WARNING = (
    "Hate is in dispute: annotators differ, policies differ, and a figure holds for one data set's policy. Texts of other times, "
    "places and sites fare worse than these."
)


def limits_of(subject: Subject) -> str:
    """The lists, and what follows from this very judgement."""
    halves = [
        tag("div", tag("h4", "Intended"), bullets(INTENDED)),
        tag("div", tag("h4", "Not intended"), bullets(NOT_INTENDED)),
    ]
    return tag("div", *halves, class_="pair") + tag("h4", "Limits") + bullets(limits_in_words(subject))


def limits_in_words(subject: Subject) -> list[str]:
    """Limits of such figures, those of these among them."""
    judgement = subject.judgement
    judged, few = judgement.judged, [one.word for one in judgement.slices if one.result is None]
    said = [WARNING, f"Judged in {', '.join(judged.languages) or 'an unstated language'} alone, on {judged.name} alone."]
    if few:
        said.append(f"Too few rows to say anything of: {', '.join(dict.fromkeys(map(spoken, few)))}.")
    groups = {one.name for found in judgement.groups for one in found.fairness.groups if not one.sufficient}
    if groups:
        said.append(f"Too few rows to say whether it treats these groups alike: {', '.join(map(spoken, sorted(groups)))}.")
    if judgement.mode != "best-guess" or len(judgement.bands) > 1:
        said.append(
            "A threshold moves with its data: where texts or the share of hate differ, choose it again on rows of your own."
        )
    return [*said, RIGHTS]
