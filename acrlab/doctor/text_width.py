"""How wide a text is when it is drawn. Which font a reader has is not known: these are the widths of a wide one."""

from __future__ import annotations

from unicodedata import east_asian_width

__all__ = ["fitted", "text_width"]

# Thousandths of the font's size, of DejaVu Sans, which is wider than what Windows and macOS draw with.
WIDTHS = {
    **dict.fromkeys("ijlIJ '", 300),
    **dict.fromkeys(".,:;/|", 340),
    **dict.fromkeys("tfr-()[]!", 405),
    **dict.fromkeys("csz_", 550),
    **dict.fromkeys("kvxyFL", 592),
    **dict.fromkeys("aeo", 615),
    **dict.fromkeys("bdghnpquEPSTY0123456789", 636),
    **dict.fromkeys("ABCKRVXZ", 695),
    **dict.fromkeys("DGHNOQU", 787),
    **dict.fromkeys("w→M", 850),
    **dict.fromkeys("mW…", 1000),
}
OTHER, FULL, BOLD = 700, 1000, 1.13


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a text, in the unit of the font's size; rather too wide than too narrow."""
    thousandths = sum(FULL if east_asian_width(c) in "WF" else WIDTHS.get(c, OTHER) for c in text)
    return thousandths / 1000 * size * (BOLD if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Take out the middle of a text that has no room: names differ at their beginning or at their end."""
    shown = text
    for kept in range(len(text) - 1, 1, -1):
        if text_width(shown, size, bold=bold) <= room:
            break
        shown = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return shown
