"""What the lab remembers in a replay: it goes with the process, whichever way that ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PassingMemory:
    """Texts by name."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lock = threading.RLock()

    def read(self, name: str) -> str | None:
        """Read a text; None: there is none of that name."""
        return self._texts.get(name)

    def write(self, name: str, text: str) -> None:
        """Put a text in the place of the old one."""
        with self.alone():
            self._texts[name] = text

    def delete(self, name: str) -> None:
        """Delete a text; nothing where there is none."""
        with self.alone():
            self._texts.pop(name, None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others from writing between a look and a change."""
        with self._lock:
            yield
