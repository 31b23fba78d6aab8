"""Whether two rates of separate rows differ by more than chance: Fisher's exact test, which needs no large counts."""

from scipy.stats import fisher_exact

from hatetinyllm.errors import DataError


def fisher(one: int, of_one: int, other: int, of_other: int) -> float:
    """The two-sided p-value; 1 where nothing was tried on one side."""
    problems = [f"{part} of {whole} is no count" for part, whole in ((one, of_one), (other, of_other)) if not 0 <= part <= whole]
    if problems:
        raise DataError("two rates cannot be held against each other", problems)
    return min(1.0, float(fisher_exact([[one, of_one - one], [other, of_other - other]]).pvalue))
