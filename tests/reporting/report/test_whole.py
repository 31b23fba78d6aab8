"""A page of any judgement is well-formed, leads somewhere, loads nothing, and fits a phone."""

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.whole import PARTS, report_page, title_of

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
PROBE = (
    "const wide=[...document.querySelectorAll('body *')].filter(one=>one.getBoundingClientRect().right>innerWidth+1"
    "&&!one.closest('.wide,pre,svg')).map(one=>one.tagName+'.'+one.className);"
    "document.title=JSON.stringify({inner:innerWidth,scroll:document.documentElement.scrollWidth,wide:wide})"
)


@pytest.fixture(scope="module")
def pages(subject, bare, texts, judgement_of) -> dict[str, str]:
    """Every kind of page."""
    second = judgement_of("review", name="second", seed=3)
    other = Subject(judgement=replace(second, manifest={**second.manifest, "recipe": "other"}), key="j1")
    return {
        "one": report_page([subject]),
        "texts": report_page([replace(subject, texts=texts)]),
        "bare": report_page([bare]),
        "several": report_page([subject, other]),
    }


KINDS = ["one", "texts", "bare", "several"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_leads_somewhere_and_no_name_stands_twice(pages, kind: str, see) -> None:
    page = see(pages[kind])
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    targets = [attributes["href"] or "" for tag, attributes in page.tags if tag == "a"]
    assert {target.removeprefix("#") for target in targets if target.startswith("#")} <= set(ids)
    assert all(target.startswith(("#", "https://")) for target in targets)
    pointed = " ".join(attributes.get("aria-labelledby") or "" for _, attributes in page.tags).split()
    assert set(pointed) <= set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_and_nothing_runs(pages, kind: str, see) -> None:
    page = see(pages[kind])
    loading = {"src", "srcset", "data", "action", "poster", "background"}
    assert not [attributes for _, attributes in page.tags if loading & attributes.keys()]
    assert "url(" not in pages[kind]
    assert "@import" not in pages[kind]
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed|form|base)\b", pages[kind])


def test_no_text_of_the_data_stands_in_a_page_that_was_not_asked_to(pages, texts) -> None:
    for kind in ("one", "bare", "several"):
        assert "harbour" not in pages[kind]
        assert "ruin the" not in pages[kind]
    assert "harbour" in pages["texts"]


def test_the_same_judgement_gives_the_same_bytes(subject, pages) -> None:
    assert report_page([subject]) == pages["one"]


@pytest.mark.parametrize("kind", ["one", "several"])
def test_a_page_has_every_section_under_its_own_heading(pages, kind: str, see) -> None:
    said = [title for _, title, _ in PARTS]
    page = see(pages[kind])
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))
    assert levels.count(1) == 1
    assert all(title in page.said for title in said)


def test_several_judgements_begin_with_the_comparison(pages, see) -> None:
    page = see(pages["several"])
    sections = [attributes["id"] for tag, attributes in page.tags if tag in ("section", "article")]
    assert sections[:2] == ["compared", "j0"]
    assert "j1" in sections


def test_the_title_names_detector_and_rows(subject) -> None:
    name = subject.judgement.name
    assert title_of(subject) == f"{name} on {name} test"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is here: how pages look is not tested")
@pytest.mark.parametrize("kind", ["texts", "several"])
def test_a_phone_shows_it_without_scrolling_sideways_and_without_complaint(pages, kind: str, tmp_path: Path) -> None:
    held = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", pages[kind])  # the probe is a script
    (tmp_path / "page.html").write_text(held.replace("<details", "<details open"), encoding="utf-8")
    frame = (
        '<!DOCTYPE html><iframe src="page.html" width="360" height="900"></iframe><script>onload=()=>{'
        f"const inside=frames[0];inside.eval({PROBE!r});document.body.setAttribute('data-found',inside.document.title)}}</script>"
    )
    (tmp_path / "frame.html").write_text(frame, encoding="utf-8")
    found = browse(tmp_path / "frame.html", tmp_path, "--allow-file-access-from-files")
    assert "&quot;inner&quot;:360,&quot;scroll&quot;:360,&quot;wide&quot;:[]" in found


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is here: how pages look is not tested")
def test_the_browser_takes_the_style_sheet_under_the_policy(pages, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(pages["one"], encoding="utf-8")
    done = run(tmp_path / "page.html", tmp_path, "--enable-logging=stderr", "--v=0")
    assert "Content Security Policy" not in done.stderr
    assert "CONSOLE" not in done.stderr
    broken = pages["one"].replace("body {", "body  {", 1)  # another sheet than the policy names
    (tmp_path / "page.html").write_text(broken, encoding="utf-8")
    assert "Content Security Policy" in run(tmp_path / "page.html", tmp_path, "--enable-logging=stderr", "--v=0").stderr


def run(page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    always = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=5000",
    ]
    return subprocess.run(
        [CHROMIUM, *always, *options, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=90, check=True
    )


def browse(page: Path, folder: Path, *options: str) -> str:
    return run(page, folder, *options).stdout
