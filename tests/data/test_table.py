"""The user's own table: every format, every way a row can be bad, and what is said of it. No row is lost without a word."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatetinyllm.config.signature import read_options
from hatetinyllm.data import table as module
from hatetinyllm.data.table import CELL_LIMIT_CHARACTERS, COLUMNS_HINT, load
from hatetinyllm.errors import TableError
from hatetinyllm.types import Splits

GOOD = "text,label\nkind words,0\nall gr**p are bad,1\n"
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and returns its path as a user would type it."""

    def make(content: str | bytes, name: str = "mine.csv") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(path)

    return make


def bad(splits: Splits) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in splits.rejected]


def problems(error: pytest.ExceptionInfo[TableError]) -> str:
    return str(error.value)


def rows_with(row: str, good: int = 20) -> str:
    """A CSV whose line 3 is the row in question."""
    return "text,label\nkind words,0\n" + row + "\n" + "more kind words,0\n" * good


def test_a_csv_becomes_examples_with_lines_and_ids(write: Write) -> None:
    path = write(GOOD)
    splits = load(path=path)
    assert [(row.id, row.text, row.label, row.line) for row in splits.train] == [
        ("row:2", "kind words", "not_hate", 2),
        ("row:3", "all gr**p are bad", "hate", 3),
    ]
    assert (splits.name, splits.licences, splits.rejected, splits.notes) == ("table", ("own",), (), ())
    assert list(splits.files) == ["train: mine.csv"]
    assert len(splits.files["train: mine.csv"]) == 64


RECORDS = [{"text": 'kind, "quoted"\twords', "label": "nothate"}, {"text": "all gr**p\nare bad", "label": "hate"}]


def as_delimited(delimiter: str, end: str = "\n") -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ["text", "label"], delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(RECORDS)
    return stream.getvalue().encode("utf-8")


FORMS = {
    "mine.csv": as_delimited(","),
    "mine.CSV": as_delimited(",", "\r\n"),
    "old.mac.csv": as_delimited(",", "\r"),
    "semicolons.csv": as_delimited(";"),
    "mine.tsv": as_delimited("\t"),
    "mine.tab": as_delimited("\t"),
    "mine.jsonl": "".join(json.dumps(row) + "\n" for row in RECORDS).encode("utf-8"),
    "mine.ndjson": "\r\n\r\n".join(json.dumps(row) for row in RECORDS).encode("utf-8"),
    "mine.csv.gz": gzip.compress(as_delimited(",")),
    "mine.jsonl.gz": gzip.compress("\n".join(json.dumps(row) for row in RECORDS).encode("utf-8")),
    "utf16.csv": as_delimited(",").decode("utf-8").encode("utf-16"),
    "utf32.csv": as_delimited(",").decode("utf-8").encode("utf-32"),
    "marked.csv": b"\xef\xbb\xbf" + as_delimited(","),
    "blank lines first.csv": b"\n  \n" + as_delimited(","),
    "blank lines last.csv": as_delimited(",") + b"\n\n",
    "no end of line.csv": as_delimited(",").rstrip(b"\n"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_table_gives_the_same_rows(name: str, write: Write) -> None:
    splits = load(path=write(FORMS[name], name))
    assert [(row.text, row.label) for row in splits.train] == [(RECORDS[0]["text"], "not_hate"), (RECORDS[1]["text"], "hate")]
    assert splits.rejected == ()


def test_what_was_guessed_is_said(write: Write) -> None:
    assert "read as utf-16" in load(path=write(FORMS["utf16.csv"])).notes[0]
    assert "';' was taken for the delimiter" in load(path=write(FORMS["semicolons.csv"])).notes[0]
    assert load(path=write(FORMS["marked.csv"])).notes == ()


@pytest.mark.parametrize("delimiter", ["|", "\t", "\\t", "tab"])
def test_a_delimiter_can_be_named(delimiter: str, write: Write) -> None:
    sign = "|" if delimiter == "|" else "\t"
    assert len(load(path=write(GOOD.replace(",", sign)), delimiter=delimiter).train) == 2


def test_another_encoding_can_be_named(write: Write) -> None:
    splits = load(path=write("text,label\ncafé,0\n".encode("cp1252")), encoding="cp1252")
    assert splits.train[0].text == "café"


def test_columns_and_labels_are_mapped(write: Write) -> None:
    path = write("who,Body,verdict,kin\na,kind words,OK,1\nb,all gr**p are bad, Bad ,\n")
    splits = load(path=path, text="Body", label="verdict", id="who", group="kin", hate=("bad",), not_hate=("ok",), language="de")
    assert [(row.id, row.label, row.group, row.language) for row in splits.train] == [
        ("a", "not_hate", "1", "de"),
        ("b", "hate", None, "de"),
    ]


def test_json_labels_may_be_numbers_and_truth_values(write: Write) -> None:
    values = [1, 0, 1.0, 0.0, True, False, "1"]
    lines = "".join(json.dumps({"text": "words", "label": value}) + "\n" for value in values)
    assert [row.label for row in load(path=write(lines, "mine.jsonl")).train] == ["hate", "not_hate"] * 3 + ["hate"]


def test_three_files_are_the_three_parts(write: Write) -> None:
    splits = load(train=write(GOOD, "train.csv"), dev=write(GOOD, "dev.csv"), test=write(GOOD, "test.csv"))
    assert [len(splits.part(part)) for part in ("train", "dev", "test")] == [2, 2, 2]
    assert splits.test[0].id == "test:2"


def test_parts_in_files_of_one_name_still_have_ids_of_their_own(write: Write) -> None:
    splits = load(train=write(GOOD, "one/mine.csv"), test=write(GOOD, "other/mine.csv"))
    assert (splits.train[0].id, splits.test[0].id) == ("train:2", "test:2")


BAD_ROWS = {
    "a cell too many": ("words,0,more", "wrong number of cells: 3, expected 2"),
    "a cell too few": ("words", "wrong number of cells: 1, expected 2"),
    "a quote inside a cell": ('"words" and "more",1', "broken quotes: ',' expected after '\"'"),
    "no text": (",1", "no text"),
    "only blanks": (" \u3000 ,1", "no text"),
    "no label": ("words,", "no label"),
    "a label nobody explained": ("words,maybe", "unknown label: 'maybe'"),
    "a label that may be a text": ("1," + "w" * 31, "unknown label: a value of 31 characters"),
    "NUL in the text": ("wo\0rds,1", "NUL character: at character 3"),
    "NUL in the label": ("words,\x001", "NUL character: at character 1"),
    "a cell that is too long": ("w" * (CELL_LIMIT_CHARACTERS + 1) + ",1", "too long: 1,000,001 characters, at most 1,000,000"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_set_aside_with_its_line_and_reason(name: str, write: Write) -> None:
    row, reason = BAD_ROWS[name]
    path = write(rows_with(row))
    splits = load(path=path)
    assert bad(splits) == [(3, reason)]
    assert splits.rejected[0].file == path
    assert len(splits.train) == 21
    assert "1 of 22 rows are bad and set aside" in splits.notes[0]
    assert "(line 3)" in splits.notes[1]


def test_a_row_in_another_encoding_is_set_aside_and_its_byte_is_named(write: Write) -> None:
    splits = load(path=write(rows_with("caf\udce9,1").encode("utf-8", "surrogateescape")))
    assert bad(splits) == [(3, "wrong bytes: 0xe9 is not utf-8")]


def test_a_strange_byte_in_a_column_nobody_reads_does_no_harm(write: Write) -> None:
    assert load(path=write(b"text,label,note\nwords,1,caf\xe9\n")).rejected == ()


def test_a_cell_of_a_megabyte_is_read(write: Write) -> None:
    assert len(load(path=write(rows_with("w" * CELL_LIMIT_CHARACTERS + ",1"))).train[1].text) == CELL_LIMIT_CHARACTERS
    assert csv.field_size_limit() < CELL_LIMIT_CHARACTERS


BAD_LINES = {
    "broken JSON": ('{"text": "words", "label": 1', "broken JSON: Expecting ',' delimiter, column 29"),
    "brackets without end": ("[" * 200_000, "broken JSON: a number or a nesting beyond all measure"),
    "a number without end": (
        '{"text": "words", "label": ' + "1" * 5_000 + "}",
        "broken JSON: a number or a nesting beyond all measure",
    ),
    "a list": ("[1, 2]", "no JSON object: list"),
    "a word": ('"words"', "no JSON object: str"),
    "nothing": ("null", "no JSON object: NoneType"),
    "a text that is a number": ('{"text": 5, "label": 1}', "text is no string: int"),
    "a text that is a list": ('{"text": ["words"], "label": 1}', "text is no string: list"),
    "a text that is null": ('{"text": null, "label": 1}', "no text"),
    "a text that is missing": ('{"label": 1}', "no text"),
    "a label that is null": ('{"text": "words", "label": null}', "no label"),
    "a label that is no number": ('{"text": "words", "label": NaN}', "no label"),
    "a label that is a list": ('{"text": "words", "label": ["words"]}', "no single value: list"),
    "a label that is an object": ('{"text": "words", "label": {"words": 1}}', "no single value: dict"),
    "half a character": ('{"text": "words \\ud83d", "label": 1}', "half a character: U+D83D stands alone"),
    "an endless label": ('{"text": "words", "label": Infinity}', "unknown label: 'inf'"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_of_json_is_set_aside_with_its_reason(name: str, write: Write) -> None:
    line, reason = BAD_LINES[name]
    good = '{"text": "kind words", "label": 0}\n'
    splits = load(path=write(good + "\n" + line + "\n" + good * 20, "mine.jsonl"))
    assert bad(splits) == [(3, reason)]
    assert len(splits.train) == 21


def test_a_json_line_in_another_encoding_is_set_aside(write: Write) -> None:
    good = b'{"text": "kind words", "label": 0}\n'
    splits = load(path=write(good + '{"text": "café", "label": 0}\n'.encode("cp1252") + good * 20, "mine.jsonl"))
    assert bad(splits) == [(2, "wrong bytes: 0xe9 is not utf-8")]


def test_an_id_may_stand_once_in_all_parts_together(write: Write) -> None:
    train = write("id,text,label\n" + "".join(f"{n},words,1\n" for n in range(20)) + "7,words,0\n,words,1\n", "train.csv")
    test = write("id,text,label\n" + "".join(f"{n},words,1\n" for n in range(19, 40)), "test.csv")
    splits = load(train=train, test=test, id="id")
    assert bad(splits) == [
        (22, f"duplicate id: as in {train}, line 9"),
        (23, "no id"),
        (2, f"duplicate id: as in {train}, line 21"),
    ]


def test_lines_are_physical_lines_even_after_cells_with_line_breaks(write: Write) -> None:
    content = 'text,label\n"kind\nwords\n",0\nwords,maybe\n' + "words,0\n" * 20
    assert bad(load(path=write(content))) == [(5, "unknown label: 'maybe'")]


def test_every_line_that_an_open_quote_swallows_is_counted(write: Write) -> None:
    path = write("text,label\n" + "words,0\n" * 30 + '"words,0\nwords,1\nwords,1\n')
    assert bad(load(path=path)) == [
        (32, "open quote: it is never closed"),
        (33, "in a broken row: it starts at line 32"),
        (34, "in a broken row: it starts at line 32"),
    ]
    with pytest.raises(TableError, match="quoted=false"):
        load(path=path, max_bad_share=0.05)
    assert len(load(path=path, quoted=False).train) == 33


def test_every_line_between_two_stray_quotes_is_counted(write: Write) -> None:
    splits = load(path=write("text,label\n" + "words,0\n" * 30 + '"words,0\nwords,1\n"words,1\nwords,0\n'))
    assert [line for line, _ in bad(splits)] == [32, 33, 34]
    assert splits.train[-1].line == 35


def test_no_reason_and_no_note_ever_tells_a_text(write: Write) -> None:
    secret = "a text of forty characters that is secret"
    rows = [f"{secret},1,2", f"{secret},", f"\0{secret},1", f"1,{secret}", f'"{secret},1']
    splits = load(path=write("text,label\n" + "words,0\n" * 60 + "\n".join(rows)))
    assert len(splits.rejected) == len(rows)
    assert "secret" not in str(splits.rejected) + str(splits.notes)
    with pytest.raises(TableError) as caught:
        load(path=write(f"{secret},{secret}\n{secret},1\n"))
    assert "secret" not in str(caught.value)


def test_too_many_bad_rows_are_refused_with_counts_lines_and_a_hint(write: Write) -> None:
    path = write("text,label\n" + "words,maybe\nwords,0\n,1\nwords,no\nwords,maybe\n" * 3)
    with pytest.raises(TableError) as caught:
        load(path=path)
    assert problems(caught) == (
        f"{path}: 12 of 15 rows are bad and set aside, more than 10%\n"
        "  - unknown label: 9 (lines 2, 5, 6, 7, 10, 11, 12, 15, ...): 'maybe' (6), 'no' (3)\n"
        "  - no text: 3 (lines 4, 9, 14)\n"
        "  - say which words mean what by `hate` and `not_hate`\n"
        "  - to leave out so many on purpose, raise data.max_bad_share"
    )
    splits = load(path=path, max_bad_share=0.8)
    assert len(splits.train) == 3
    assert splits.notes == (
        "mine.csv: 12 of 15 rows are bad and set aside",
        "unknown label: 9 (lines 2, 5, 6, 7, 10, 11, 12, 15, ...)",
        "no text: 3 (lines 4, 9, 14)",
    )


def test_many_unknown_labels_are_counted_not_listed(write: Write) -> None:
    rows = "".join(f"words,label {n}\n" for n in range(20))
    with pytest.raises(TableError, match="and 12 more"):
        load(path=write("text,label\nwords,0\n" + rows))


def test_the_stated_share_of_bad_rows_is_still_accepted(write: Write) -> None:
    content = "text,label\n" + "words,0\n" * 9 + ",0\n"
    assert len(load(path=write(content), max_bad_share=0.1).train) == 9
    with pytest.raises(TableError):
        load(path=write(content), max_bad_share=0.09)


def test_a_part_without_one_good_row_is_refused_whatever_the_share(write: Write) -> None:
    with pytest.raises(TableError, match="1 of 1 rows are bad"):
        load(path=write("text,label\n,1\n"), max_bad_share=1.0)


def test_a_file_in_another_encoding_is_refused_with_the_likely_one(write: Write) -> None:
    path = write(("text,label\n" + "café,0\n" * 3).encode("cp1252"))
    with pytest.raises(TableError, match='encoding="cp1252"'):
        load(path=path)
    wide = write(("text,label\n" + "猫,0\n" * 3).encode("utf-8"))
    with pytest.raises(TableError, match='try encoding="utf-8"'):
        load(path=wide, encoding="ascii")


def test_a_json_array_is_refused_with_what_is_expected(write: Write) -> None:
    with pytest.raises(TableError, match="one JSON object is expected on each line"):
        load(path=write(json.dumps(RECORDS, indent=1), "mine.jsonl"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_recognised(encoding: str, write: Write) -> None:
    path = write(GOOD.encode(encoding))
    with pytest.raises(TableError, match=f'try encoding="{encoding}"'):
        load(path=path)
    assert len(load(path=path, encoding=encoding).train) == 2


def test_bytes_that_cannot_be_told_apart_row_by_row_are_an_error(write: Write) -> None:
    with pytest.raises(TableError, match="is the encoding right"):
        load(path=write(GOOD.encode("utf-16") + b"\x00\xd8"))


UNREADABLE = {
    "empty.csv": (b"", "the file is empty"),
    "blank.csv": (b" \n\r\n", "the file is empty"),
    "empty.jsonl": (b"", "the file is empty"),
    "marked.csv": (b"\xef\xbb\xbf", "the file is empty"),
    "marked16.csv": (b"\xff\xfe", "the file is empty"),
    "header.csv": (b"text,label\n", "a header line but no rows"),
    "open.csv": (b'text,"label\nwords,1\n', "its header line cannot be read: open quote"),
    "book.csv": (b"PK\x03\x04xxxx", "a zip or Excel file"),
    "squeezed.csv": (gzip.compress(b"text,label\n"), "compressed by gzip: let its name end in .gz"),
    "arrow.csv": (b"PAR1xxxx", "a Parquet file: let its name end in .parquet"),
    "damaged.csv.gz": (gzip.compress(GOOD.encode("utf-8"))[:-9], "its gzip compression is damaged"),
    "plain.csv.gz": (GOOD.encode("utf-8"), "its gzip compression is damaged"),
    "broken.parquet": (b"PAR1xxxx", "no Parquet file, or a damaged one"),
    "twice.csv": (b"text,text,label\nwords,words,1\n", "there are 2 columns 'text'"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_table_is_refused_with_its_name(name: str, write: Write) -> None:
    content, said = UNREADABLE[name]
    with pytest.raises(TableError, match=said) as caught:
        load(path=write(content, name))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl"])
def test_missing_columns_are_named_together_with_those_there_are(name: str, write: Write) -> None:
    content = "Texts,lable,n\nwords,1,1\n" if name == "mine.csv" else '{"Texts": "words", "lable": 1, "n": 1}\n'
    with pytest.raises(TableError) as caught:
        load(path=write(content, name), id="number", group="kin")
    assert caught.value.problems == (
        "there is no column 'text' for `text` (did you mean 'Texts'?)",
        "there is no column 'label' for `label` (did you mean 'lable'?)",
        "there is no column 'number' for `id`",
        "there is no column 'kin' for `group`",
        "columns: 'Texts', 'lable', 'n'",
        COLUMNS_HINT,
    )


def test_files_that_cannot_be_there_are_named_together(write: Write, tmp_path: Path) -> None:
    write(GOOD, "train.csv")
    write(GOOD, "mine.xlsx")
    with pytest.raises(TableError) as caught:
        load(train=str(tmp_path / "trian.csv"), dev=str(tmp_path / "away" / "dev.csv"), test=str(tmp_path / "mine.xlsx"))
    told = problems(caught)
    assert "trian.csv is not there (did you mean 'train.csv'?)" in told
    assert f"there is no folder {tmp_path / 'away'}" in told
    assert "the ending '.xlsx' is unknown (known: .csv, " in told


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is a folder"):
        load(path=str(tmp_path))


def test_two_files_with_mistakes_are_told_together(write: Write) -> None:
    one, other = write("words,label\nx,1\n", "one.csv"), write(b"", "other.csv")
    with pytest.raises(TableError, match="2 files cannot be used") as caught:
        load(train=one, test=other)
    assert "no column 'text'" in problems(caught)
    assert "other.csv: the file is empty" in problems(caught)
    one, other = write("text,label\nx,a\n", "one.csv"), write("text,label\n,1\n", "other.csv")
    with pytest.raises(TableError, match="2 files cannot be used") as caught:
        load(train=one, test=other)
    assert "unknown label: 1" in problems(caught)
    assert "no text: 1" in problems(caught)


def test_all_wrong_options_are_told_at_once(write: Write) -> None:
    with pytest.raises(TableError) as caught:
        load(path="", hate=("yes", "1"), not_hate=("YES",), encoding="utf-9", delimiter="ab", max_bad_share=1.5)
    assert caught.value.problems == (
        "'yes' cannot mean both hate and not_hate",
        "delimiter is one character, as in ',' or ';' or 'tab', got 'ab'",
        "max_bad_share is a share from 0 to 1, got 1.5",
        "there is no text encoding 'utf-9' (did you mean 'utf-8'?)",
        "no file is named: give `path`, or `train`, `dev` and `test`",
    )


@pytest.mark.parametrize("encoding", ["hex", "utf\0", ""])
def test_what_is_no_text_encoding_is_refused(encoding: str, write: Write) -> None:
    with pytest.raises(TableError, match="no text encoding"):
        load(path=write(GOOD), encoding=encoding)


@pytest.mark.parametrize(
    ("option", "said"), [({"hate": ()}, "hate names no word"), ({"delimiter": '"'}, "delimiter is one character")]
)
def test_an_option_that_cannot_work_is_refused(option: dict[str, object], said: str, write: Write) -> None:
    with pytest.raises(TableError, match=said):
        load(path=write(GOOD), **option)  # type: ignore[arg-type]


def test_path_cannot_stand_beside_parts_and_no_file_serves_two_parts(write: Write) -> None:
    path = write(GOOD)
    with pytest.raises(TableError, match="cannot stand beside dev and test"):
        load(path=path, dev=path, test=path)
    with pytest.raises(TableError, match="test and train are the same file"):
        load(train=path, test=path)


def test_a_cell_beyond_the_csv_modules_own_limit_is_set_aside(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.data.rows.CELL_LIMIT_CHARACTERS", 100)
    assert bad(load(path=write(rows_with("w" * 200 + ",1")))) == [(3, "too long: beyond what a cell can hold")]


def test_every_option_is_told_to_a_recipe_with_its_help() -> None:
    options = read_options("hatetinyllm.data.table:load")
    assert [option.name for option in options if not option.help] == []
    assert {option.name: option.default for option in options}["hate"] == ("hate", "1")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30).filter(str.strip)
LABELS = st.sampled_from(["hate", "not_hate", "1", "0", "", "maybe"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.one_of(CELLS, st.just("")), LABELS), min_size=1, max_size=12),
    st.sampled_from([".csv", ".tsv", ".jsonl"]),
)
def test_every_row_comes_out_as_an_example_or_with_a_reason(tmp_path: Path, rows: list[tuple[str, str]], ending: str) -> None:
    path = tmp_path / f"mine{ending}"
    rows = [*rows, ("words", "1")]
    if ending == ".jsonl":
        path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=module.DELIMITER_WORDS["tab"] if ending == ".tsv" else ",")
            writer.writerows([("text", "label"), *rows])
    splits = load(path=str(path), max_bad_share=1.0)
    assert len(splits.train) + len(splits.rejected) == len(rows)
    good = [(text, label) for text, label in rows if text and label in ("hate", "not_hate", "1", "0")]
    assert [(row.text, row.label) for row in splits.train] == [
        (text, "hate" if label in ("hate", "1") else "not_hate") for text, label in good
    ]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv", ".jsonl", ".csv.gz", ".parquet"]))
def test_any_bytes_give_a_table_or_an_error_of_ours(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"mine{ending}"
    path.write_bytes(b"text,label\n" + content if ending == ".csv" else content)
    try:
        load(path=str(path), max_bad_share=1.0)
    except TableError as error:
        str(error).encode("utf-8")  # can be printed


def test_a_renamed_file_gives_the_same_rows(write: Write) -> None:
    assert load(path=write(GOOD, "one.csv")).train == load(path=write(GOOD, "other.csv")).train


def test_what_a_bundle_keeps_names_no_folder_of_this_machine(write: Write) -> None:
    path = write(GOOD + "words,a text in the wrong column\n", "mine.csv")
    splits = load(path=path, max_bad_share=1.0)
    kept = " ".join([*splits.notes, *splits.files])
    assert str(Path(path).parent) not in kept
    assert "wrong column" not in kept
