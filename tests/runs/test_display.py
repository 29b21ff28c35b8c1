"""What is shown of many things as they end: a line each, and a bar below them where a person looks."""

from __future__ import annotations

import io

from rich.console import Console

from acrlab.runs.display import lines


def shown(*, terminal: bool) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=60, color_system=None, legacy_windows=False)
    with lines(console, 3, 1) as show:
        show("2/3 ok [a] " + "x" * 70)
        show("3/3 ok b")
    return file.getvalue()


def test_a_log_gets_the_lines_alone_and_as_they_are() -> None:
    assert shown(terminal=False) == f"2/3 ok [a] {'x' * 70}\n3/3 ok b\n"


def test_a_terminal_gets_a_bar_as_well_that_counts_what_was_done_before() -> None:
    told = shown(terminal=True)

    assert f"2/3 ok [a] {'x' * 70}\n" in told
    assert "1/3" in told
    assert "3/3 0:0" in told
