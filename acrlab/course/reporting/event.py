"""What a board is told of one moment: the form in which it travels, checked on both sides."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from acrlab.course.reporting import Kind

Mark = Literal["", "done", "with hints", "shown"]
LONGEST = 300  # characters of what a check saw
OLDEST_S = 12 * 3600.0  # an event that is older is of another class
TOGETHER = 50  # events that travel in one request


def _one_line(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("it is not one line of text")
    return text


class Event(BaseModel):
    """One thing that a learner did. Who she is, it does not say: the hub does.

    Attributes:
        id: of this event alone, so that it counts once however often it arrives.
        mark: who did the section, as `progress` shows it; empty: it is not finished.
        hints: how many were given by now.
        saw: what a check saw, in one line.
        ago_s: seconds since it happened, when it was sent: the clocks of two computers differ.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    section: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    kind: Kind
    mark: Mark = ""
    hints: Annotated[int, Field(ge=0, le=1000)] = 0
    saw: Annotated[str, Field(max_length=LONGEST), AfterValidator(_one_line)] = ""
    ago_s: Annotated[float, Field(ge=0, le=OLDEST_S, allow_inf_nan=False)] = 0.0


class _Batch(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    events: Annotated[list[Event], Field(min_length=1, max_length=TOGETHER)]


def happened(section: str, kind: Kind, *, mark: str = "", hints: int = 0, saw: str = "") -> Event:
    """Note an event that happens now; what was seen is cut to one short line. Raises: ValueError: it can't be one."""
    line = " ".join("".join(one if one.isprintable() else " " for one in saw).split())
    shown = line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
    given = {"section": section, "kind": kind, "mark": mark, "hints": hints, "saw": shown}
    return Event.model_validate({"id": uuid4().hex, **given})


def written(events: list[Event]) -> bytes:
    """Write events as a request carries them."""
    return _Batch(events=events).model_dump_json().encode()


def read(content: bytes) -> list[Event]:
    """Read what a request carries, which may come from anyone.

    Raises: ValueError: it is not in that form; the message is one line.
    """
    try:
        return _Batch.model_validate_json(content).events
    except ValidationError as problem:
        raise ValueError(_told(problem.errors(include_url=False, include_input=False)[0])) from None


def _told(first: Any) -> str:
    where = ".".join(str(part) for part in first["loc"])
    return " ".join(f"{where}: {first['msg']}".strip(": ").split())[:200]
