import gzip
import lzma
from pathlib import Path

import pyarrow as pa
import pytest

from hatetinyllm.data.corpus.packing import ending_of, unpacked
from hatetinyllm.errors import TableError

CONTENT = b"one line\nand another\n" * 50


def packed(path: Path) -> Path:
    match path.suffix:
        case ".xz":
            path.write_bytes(lzma.compress(CONTENT))
        case ".gz":
            path.write_bytes(gzip.compress(CONTENT))
        case ".zst":
            with pa.output_stream(str(path), compression="zstd") as stream:
                stream.write(CONTENT)
        case _:
            path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz", "a.txt.gz", "a.txt.zst", "a.TXT.XZ"])
def test_every_packing_gives_the_same_lines(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / name.lower()).rename(tmp_path / name)
    assert ending_of(path) == ".txt"
    with unpacked(path) as stream:
        assert list(stream) == CONTENT.splitlines(keepends=True)


@pytest.mark.parametrize("ending", [".xz", ".gz", ".zst"])
@pytest.mark.parametrize("damage", ["cut short", "no packing at all"])
def test_a_damaged_packing_is_told_in_words(tmp_path: Path, ending: str, damage: str) -> None:
    path = packed(tmp_path / f"a.txt{ending}")
    path.write_bytes(path.read_bytes()[:-6] if damage == "cut short" else CONTENT)
    with pytest.raises(TableError, match=r"a\.txt.*packing is damaged or cut short"), unpacked(path) as stream:
        stream.read()


def test_a_file_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read: No such file"), unpacked(tmp_path / "a.txt"):
        pass
