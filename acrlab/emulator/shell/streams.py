"""Where commands read from and write to."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 4_000_000  # characters that one script may write to a stream; a script that writes more is stopped


class Flood(Exception):
    """A script wrote more than is kept."""


class Source:
    """Text that is read from its beginning to its end, by one command after the other."""

    def __init__(self, text: str = "") -> None:
        self._text, self._at = text, 0

    def read(self) -> str:
        """Return everything that is left."""
        rest, self._at = self._text[self._at :], len(self._text)
        return rest

    def line(self) -> str:
        """Return the next line with its end; empty at the end of the text."""
        end = self._text.find("\n", self._at)
        stop = len(self._text) if end < 0 else end + 1
        found, self._at = self._text[self._at : stop], stop
        return found


class Sink:
    """Text that grows."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str) -> None:
        """Write text. Raises: Flood: it gets too much."""
        self._size += len(text)
        if self._size > LONGEST:
            raise Flood
        self._parts.append(text)

    @property
    def text(self) -> str:
        return "".join(self._parts)


class Nowhere(Sink):
    """`/dev/null`."""

    def write(self, text: str) -> None:
        pass


@dataclass(frozen=True)
class Streams:
    """The three streams of a command. Two of them may be the same, as after `2>&1`."""

    stdin: Source = field(default_factory=Source)
    out: Sink = field(default_factory=Sink)
    err: Sink = field(default_factory=Sink)
