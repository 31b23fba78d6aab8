"""A stored judgement reads back the same, and a damaged or foreign one is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import Plan, judge
from hatetinyllm.evaluation.judgement import Judged, Judgement
from hatetinyllm.evaluation.stored import read_judgement, write_judgement
from hatetinyllm.evaluation.terms import read_terms
from hatetinyllm.folder import write_sums
from hatetinyllm.types import Band


@pytest.fixture
def judgement(examples, hate) -> Judgement:
    given = examples([0, 1] * 30, partners=[(str(row ^ 1),) for row in range(60)], mentions=[("women",), ()] * 30)
    scores = np.random.default_rng(0).random(60)
    return judge(
        lambda texts: scores[: len(texts)],
        given,
        hate,
        name="mine",
        identity="sha256:0",
        judged=Judged(name="made-up", part="test", how="official", digest="0", rows=60, asked={"data": {"name": "demo"}}),
        clusters=[row // 2 for row in range(60)],
        kin="pairs",
        mode="doubtful",
        band=Band(low=0.4, high=0.6),
        dev=given,
        baseline=lambda texts: scores[::-1],
        plan=Plan(draws=100, groups=read_terms(), terms="terms", needed=5),
    )


def test_what_is_written_reads_back(judgement: Judgement, tmp_path: Path) -> None:
    write_judgement(tmp_path / "judged", judgement)
    found = read_judgement(tmp_path / "judged")
    assert replace(found, rows=None) == replace(judgement, rows=None)
    assert found.rows is not None
    assert judgement.rows is not None
    assert found.rows.ids == judgement.rows.ids
    assert found.rows.facets == judgement.rows.facets
    assert found.rows.partners == judgement.rows.partners
    for column in ("truth", "scores", "clusters"):
        assert (getattr(found.rows, column) == getattr(judgement.rows, column)).all()


def test_no_text_is_stored(judgement: Judgement, tmp_path: Path) -> None:
    write_judgement(tmp_path / "judged", judgement)
    said = (tmp_path / "judged" / "judgement.json").read_text(encoding="utf-8")
    said += str(pq.read_table(tmp_path / "judged" / "rows.parquet").to_pydict())
    assert "nothing of anybody" not in said


def test_a_judgement_may_be_written_over_and_nothing_else(judgement: Judgement, tmp_path: Path) -> None:
    write_judgement(tmp_path / "judged", judgement)
    write_judgement(tmp_path / "judged", replace(judgement, name="again"))
    assert read_judgement(tmp_path / "judged").name == "again"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(DataError, match="something else than a judgement"):
        write_judgement(tmp_path / "letters", judgement)
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_a_changed_figure_is_seen(judgement: Judgement, tmp_path: Path) -> None:
    write_judgement(tmp_path / "judged", judgement)
    path = tmp_path / "judged" / "judgement.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"mine"', '"yours"'), encoding="utf-8")
    with pytest.raises(DataError, match="damaged or was changed"):
        read_judgement(tmp_path / "judged")


def test_what_is_no_judgement_is_refused_in_words(judgement: Judgement, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no judgement"):
        read_judgement(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is no judgement"):
        read_judgement(tmp_path)
    write_judgement(tmp_path / "judged", judgement)
    path = tmp_path / "judged" / "judgement.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for changed, said in (({"format": 99}, "another version"), ({"mode": 3, "extra": 1}, "cannot be read")):
        path.write_text(json.dumps({**content, **changed}), encoding="utf-8")
        write_sums(tmp_path / "judged")
        with pytest.raises(DataError, match=said):
            read_judgement(tmp_path / "judged")


@pytest.mark.parametrize("content", ["[]", "3", '"words"', "null", "{", "[" * 100_000])
def test_figures_that_are_none_are_refused(judgement: Judgement, tmp_path: Path, content: str) -> None:
    write_judgement(tmp_path / "judged", judgement)
    (tmp_path / "judged" / "judgement.json").write_text(content, encoding="utf-8")
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="cannot be read"):
        read_judgement(tmp_path / "judged")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("score", np.nan),
        ("score", np.inf),
        ("score", None),
        ("score", "many"),
        ("truth", 2),
        ("truth", None),
        ("id", None),
        ("cluster", 0.5),
        ("partners", None),
        ("partners", [None]),
        ("facet.mentions", 3),
    ],
)
def test_rows_that_cannot_be_are_refused(judgement: Judgement, tmp_path: Path, column: str, value: object) -> None:
    write_judgement(tmp_path / "judged", judgement)
    path = tmp_path / "judged" / "rows.parquet"
    table = pq.read_table(path)
    changed = table.set_column(table.column_names.index(column), column, pa.array([value] * len(table)))
    pq.write_table(changed, path)
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="cannot be read"):
        read_judgement(tmp_path / "judged")


def test_rows_that_are_damaged_or_lack_a_column_are_refused(judgement: Judgement, tmp_path: Path) -> None:
    write_judgement(tmp_path / "judged", judgement)
    path = tmp_path / "judged" / "rows.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["score"]), path)
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="has no column score"):
        read_judgement(tmp_path / "judged")
    write_judgement(tmp_path / "judged", judgement)
    table = pq.read_table(path)
    pq.write_table(table.append_column("score", table["score"]), path)
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="cannot be read"):
        read_judgement(tmp_path / "judged")
    path.write_bytes(b"PAR1 and nothing else")
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="cannot be read"):
        read_judgement(tmp_path / "judged")
    path.unlink()
    write_sums(tmp_path / "judged")
    with pytest.raises(DataError, match="cannot be read"):
        read_judgement(tmp_path / "judged")
