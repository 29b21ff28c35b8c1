"""Small tables for notebooks: HTML for people, the same words as plain text for everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows under headings. Deterministic: the same rows give the same bytes.

    Attributes:
        rows: one tuple of texts a row, as many as there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows] if self.rows else [self.columns, ("none",)]
        widths = [max(len(line[i]) for line in lines if i < len(line)) for i in range(len(self.columns))]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip() for line in lines
        ]
        text.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.caption, *text] if self.caption else text)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align:left">{escape(c)}</th>' for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) + "</tr>"
            for row in self.rows or (("none",),)
        )
        caption = f'<caption style="text-align:left">{escape(self.caption)}</caption>' if self.caption else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))  # an SDK's enumeration as Azure spells it


def table(rows: Iterable[Mapping[str, Any]], caption: str = "", columns: Sequence[str] = ()) -> Table:
    """Build a table from mappings.

    Args:
        columns: their order; empty: that of the first row. Give it where there may be no rows.
    """
    listed = list(rows)
    chosen = tuple(columns or (listed[0] if listed else ("nothing",)))
    return Table(chosen, tuple(tuple(_text(row.get(c, "")) for c in chosen) for row in listed), caption)


def facts_table(caption: str, facts: Mapping[str, str]) -> str:
    """Build a table of one thing: what it is at the left, and beside it a text that has all the rest of the width.

    Args:
        caption, facts: HTML.
    """
    # JupyterLab lets `break-word` pass, and not `anywhere`: columns of a fixed width are what makes long names break.
    head = 'style="text-align:left;vertical-align:top;width:9em;padding:2px 6px"'
    cell = 'style="text-align:left;vertical-align:top;overflow-wrap:break-word;padding:2px 6px"'
    rows = "".join(f'<tr><th scope="row" {head}>{n}</th><td {cell}>{told}</td></tr>' for n, told in facts.items())
    whole = 'style="table-layout:fixed;text-align:left;line-height:1.4;width:100%;margin:0 0 12px"'
    return f'<table {whole}><caption style="text-align:left">{caption}</caption><tbody>{rows}</tbody></table>'
