"""How figures are written in tables: shares without their leading zero, differences with their sign."""

DASH = "–"  # what there is no figure for
MINUS = "−"


def share(value: float | None, digits: int = 3) -> str:
    """A share, as .803; a dash for one that does not exist."""
    if value is None:
        return DASH
    text = f"{abs(value):.{digits}f}"
    sign = MINUS if value < 0 and float(text) else ""
    return sign + (text.removeprefix("0") if abs(value) < 1 else text)


def difference(value: float | None, digits: int = 3) -> str:
    """A difference, always with its sign, as +.012."""
    text = share(value, digits)
    return text if text == DASH or text.startswith(MINUS) else f"+{text}"


def interval(low: float, high: float, digits: int = 3) -> str:
    """An interval, as [.781, .819]."""
    return f"[{share(low, digits)}, {share(high, digits)}]"


def between(low: float, high: float, digits: int = 2) -> str:
    """A span in words, as .96 to 1.00; one figure where both ends are written alike."""
    ends = list(dict.fromkeys([share(low, digits), share(high, digits)]))
    return " to ".join(ends)


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.2f} h"
