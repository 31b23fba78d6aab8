"""
SVG as strings: elements with every text escaped, and a guess of how wide a text will be.

A plotting library draws one picture in fixed colours and weighs tens of megabytes; these few lines draw charts that take
the page's colours, light and dark, stay sharp and legible on a phone, and need nothing installed.

Every chart is `WIDTH` units wide, about the width of a phone, so that its texts keep their size there. Nothing uses a
style attribute: a page may forbid those.
"""

from html import escape

WIDTH = 360.0
TEXT, SMALL = 12.0, 11.0  # sizes of letters, in units
LINE = 16.0  # from one line of text to the next

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMW@%")


def px(value: float) -> str:
    """A length to a tenth of a unit, without idle zeros."""
    said = f"{value:.1f}"
    said = said.removesuffix(".0")
    return "0" if said == "-0" else said


def element(name: str, *inside: str, **attributes: object) -> str:
    """An element; `class_` is class, an underscore in a name is a hyphen, and what is None or empty is left out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items() if value not in (None, "")
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"


def words(x: float, y: float, said: str, *, class_: str = "", anchor: str = "", hint: str = "") -> str:
    """A text at a place; `hint` is told where the pointer rests."""
    tip = element("title", escape(hint)) if hint else ""
    return element("text", escape(said) + tip, x=px(x), y=px(y), class_=class_, text_anchor=anchor)


def stroke(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line."""
    return element("line", x1=px(x1), y1=px(y1), x2=px(x2), y2=px(y2), class_=class_)


def box(x: float, y: float, wide: float, high: float, class_: str, *, hint: str = "", **attributes: object) -> str:
    """A rectangle; `hint` as for words."""
    inside = [element("title", escape(hint))] if hint else []
    return element("rect", *inside, x=px(x), y=px(y), width=px(wide), height=px(high), class_=class_, **attributes)


def dot(x: float, y: float, size: float, class_: str, *, hint: str = "") -> str:
    """A filled circle; `hint` as for words."""
    inside = [element("title", escape(hint))] if hint else []
    return element("circle", *inside, cx=px(x), cy=px(y), r=px(size), class_=class_)


def path(points: list[tuple[float, float]], class_: str, *, closed: bool = False) -> str:
    """A line through points."""
    said = " ".join(f"{px(x)} {px(y)}" for x, y in points)
    return element("path", d=f"M{said}{'Z' if closed else ''}", class_=class_)


def width_of(said: str, size: float = TEXT) -> float:
    """About how wide a text is, rather too much than too little: fonts differ."""
    return size * sum(0.38 if sign in _NARROW else 0.95 if sign in _WIDE or ord(sign) > 0x2E7F else 0.62 for sign in said)


def shortened(said: str, room: float, size: float = TEXT) -> str:
    """The text, cut to the room it has."""
    if width_of(said, size) <= room:
        return said
    while said and width_of(said + "…", size) > room:
        said = said[:-1]
    return said.rstrip() + "…"


def folded(said: str, room: float, size: float = TEXT) -> list[str]:
    """The text on as many lines as it needs; a word longer than a line is cut."""
    lines = [""]
    for word in said.split():
        joined = f"{lines[-1]} {word}".strip()
        if width_of(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(shortened(word, room, size))
    return [one for one in lines if one]


def drawing(title: str, says: str, height: float, *parts: str, anchor: str, width: float = WIDTH, roomy: bool = False) -> str:
    """The whole chart; its name and what it shows in words come first, for who does not see it. `roomy`: wider than a phone."""
    return element(
        "svg",
        element("title", escape(title), id=f"{anchor}-title"),
        element("desc", escape(says), id=f"{anchor}-desc"),
        *parts,
        class_="chart roomy" if roomy else "chart",
        viewBox=f"0 0 {px(width)} {px(height)}",
        width="100%",
        role="img",
        aria_labelledby=f"{anchor}-title {anchor}-desc",
        xmlns="http://www.w3.org/2000/svg",
    )


def _value(value: object) -> str:
    return px(value) if isinstance(value, float) else escape(str(value))
