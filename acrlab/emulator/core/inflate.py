"""What a client has packed: unpacked so far and no further, as a few bytes of gzip can become any number."""

from __future__ import annotations

import gzip
import io

MAGIC = b"\x1f\x8b"


class TooLong(ValueError):
    """It is longer than it may be."""


def inflated(raw: bytes, most: int) -> bytes:
    """Undo gzip where it was used. Raises: TooLong: it is longer than `most` bytes; OSError, EOFError: it is broken."""
    if raw.startswith(MAGIC):
        with gzip.open(io.BytesIO(raw)) as packed:
            raw = packed.read(most + 1)
    if len(raw) > most:
        raise TooLong(f"it is longer than {most} bytes")
    return raw
