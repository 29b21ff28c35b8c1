"""A property that the first thread to ask for it computes; others wait for that one, and get the same value."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, overload

Made = TypeVar("Made")


class made_once(Generic[Made]):
    """Like `functools.cached_property`, which since Python 3.12 lets every thread that asks early make its own."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self.__doc__ = make.__doc__
        self._make, self._name, self._lock = make, make.__name__, RLock()

    def __delete__(self, owner: object) -> None:
        """Forget the value: the next to ask computes another."""
        with self._lock:
            owner.__dict__.pop(self._name, None)

    @overload
    def __get__(self, owner: None, kind: type) -> made_once[Made]: ...

    @overload
    def __get__(self, owner: object, kind: type) -> Made: ...

    def __get__(self, owner: object | None, kind: type) -> Made | made_once[Made]:
        if owner is None:
            return self
        with self._lock:
            kept = owner.__dict__
            if self._name not in kept:
                kept[self._name] = self._make(owner)
            made: Made = kept[self._name]
        return made
