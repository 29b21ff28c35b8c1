"""A quick run leaves out what takes long, and has rows of every table."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import quick


class Row:
    """As much of a test as a choice is made by."""

    def __init__(self, nodeid: str, *marks: str) -> None:
        self.nodeid, self._marks = nodeid, marks

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self._marks else None


def _run(*rows: Row) -> list[str]:
    without = {row.nodeid for row in quick.left_out(rows)}  # type: ignore[arg-type]
    return [row.nodeid for row in rows if row.nodeid not in without]


def test_what_takes_long_is_left_out_and_the_rest_stays() -> None:
    assert _run(Row("a.py::test_one"), Row("a.py::test_two", "long")) == ["a.py::test_one"]


@pytest.mark.parametrize(("rows", "run"), [(1, 1), (5, 1), (12, 2), (60, 10)])
def test_of_a_table_a_sixth_is_run_and_one_row_at_least(rows: int, run: int) -> None:
    assert len(_run(*(Row(f"a.py::test_row[{number}]", "table") for number in range(rows)))) == run


def test_the_slowest_folders_begin_and_every_other_test_comes_after_them(tmp_path: Path) -> None:
    there = [quick.ROOT / name / "test_one.py" for name in quick.SLOWEST]
    others = [quick.ROOT / "emulator" / "test_one.py", quick.ROOT / "test_one.py", tmp_path / "test_one.py"]
    items = [SimpleNamespace(path=path) for path in (*others, *reversed(there))]

    begun = [item.path for item in sorted(items, key=quick.turn)]  # type: ignore[arg-type]

    assert all(path.parent.is_dir() for path in there)
    assert begun == [*there, *others]


def test_tables_of_the_same_rows_do_not_try_the_same_ones() -> None:
    tried = {
        tuple(name.partition("[")[2] for name in _run(*(Row(f"{table}[{row}]", "table") for row in range(60))))
        for table in ("a.py::test_it_is_named", "a.py::test_it_is_fixed", "b.py::test_it_is_rebuilt")
    }

    assert len(tried) > 1
