"""Charts read as a browser reads them."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

Read = Callable[[str], ElementTree.Element]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def read() -> Read:
    """Parses a chart, and holds it to what is true of every chart."""

    def parse(svg: str) -> ElementTree.Element:
        root = ElementTree.fromstring(svg)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        ids = [found.get("id") for found in root.iter() if found.get("id")]
        assert len(ids) == len(set(ids))
        assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
        title, says = root[0], root[1]
        assert (title.tag, says.tag) == (f"{SVG}title", f"{SVG}desc")
        assert title.text
        assert says.text
        assert not [found for found in root.iter() if found.get("style") or found.get("href")]
        assert "nan" not in svg.replace("nance", "")
        return root

    return parse


@pytest.fixture
def texts() -> Callable[[ElementTree.Element], list[str]]:
    """All that is written in a chart, without its hints."""
    return lambda root: [found.text or "" for found in root.iter(f"{SVG}text")]
