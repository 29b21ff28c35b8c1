"""Template functions of times, and the forms in which they write them.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date,
https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings and
https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.deployments.functions.arguments import exactly

PLAIN = "yyyyMMddTHHmmssZ"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Standard forms in the invariant culture, as custom ones.
STANDARD = {
    "d": "MM/dd/yyyy", "D": "dddd, dd MMMM yyyy", "f": "dddd, dd MMMM yyyy HH:mm", "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm", "G": "MM/dd/yyyy HH:mm:ss", "M": "MMMM dd", "m": "MMMM dd",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffZ", "o": "yyyy-MM-ddTHH:mm:ss.fffffffZ", "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "s": "yyyy-MM-ddTHH:mm:ss", "t": "HH:mm", "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ssZ", "U": "dddd, dd MMMM yyyy HH:mm:ss", "Y": "yyyy MMMM", "y": "yyyy MMMM",
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
PARTS: Mapping[str, Callable[[datetime], str]] = {
    "d": lambda at: str(at.day), "dd": lambda at: f"{at.day:02}",
    "ddd": lambda at: DAYS[at.weekday()][:3], "dddd": lambda at: DAYS[at.weekday()],
    "M": lambda at: str(at.month), "MM": lambda at: f"{at.month:02}",
    "MMM": lambda at: MONTHS[at.month - 1][:3], "MMMM": lambda at: MONTHS[at.month - 1],
    "y": lambda at: str(at.year % 100), "yy": lambda at: f"{at.year % 100:02}",
    "yyy": lambda at: f"{at.year:03}", "yyyy": lambda at: f"{at.year:04}",
    "h": lambda at: str(at.hour % 12 or 12), "hh": lambda at: f"{at.hour % 12 or 12:02}",
    "H": lambda at: str(at.hour), "HH": lambda at: f"{at.hour:02}",
    "m": lambda at: str(at.minute), "mm": lambda at: f"{at.minute:02}",
    "s": lambda at: str(at.second), "ss": lambda at: f"{at.second:02}",
    "t": lambda at: "AP"[at.hour >= 12], "tt": lambda at: ("AM", "PM")[at.hour >= 12],
    **{"f" * digits: lambda at, digits=digits: f"{at.microsecond:06}0"[:digits] for digits in range(1, 8)},  # type: ignore[misc]
}  # fmt: skip
_PART = re.compile(r"'([^']*)'|\\(.)|(([dMyhHmstf])\4*)|([FgKz%\"])|(.)", re.DOTALL)
_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def written(at: datetime, form: str) -> str:
    """Write a time in a form of .NET's. Raises: NotEmulated: the form has parts that are not written here."""
    if len(form) == 1:
        if form not in STANDARD:
            raise NotEmulated(f"the format '{form}' of times in a template", supported=", ".join(STANDARD))
        form = STANDARD[form]
    return "".join(_part(at, match, form) for match in _PART.finditer(form))


def _part(at: datetime, match: re.Match[str], form: str) -> str:
    quoted, escaped, part, _, strange, plain = match.groups()
    if strange or (part and part not in PARTS):
        raise NotEmulated(f"'{match[0]}' in the format '{form}' of times in a template", supported=", ".join(PARTS))
    return PARTS[part](at) if part else quoted or escaped or plain or ""


@exactly
def date_time_add(base: str, duration: str, form: str = "") -> str:
    """Add a duration to a time; a year has 365 days, and a month 30. Raises: NotEmulated: without a form."""
    result = _read(base) + _duration(duration)
    if not form:
        # The documentation says that the base's own form is used, and its examples show two others.
        raise NotEmulated("dateTimeAdd() without a format", supported="a third argument, such as 'u'")
    return written(result, form)


@exactly
def date_time_to_epoch(at: str) -> int:
    return int(_read(at).timestamp())


@exactly
def date_time_from_epoch(seconds: int) -> str:
    return written(EPOCH + timedelta(seconds=seconds), "yyyy-MM-ddTHH:mm:ssZ")


def _read(text: str) -> datetime:
    """Read a time of ISO 8601. Raises: ValueError: it is none."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("it is no duration such as P3D or PT1H")
    sign, *numbers = match.groups()
    years, months, days, hours, minutes, seconds = (float(number or 0) for number in numbers)
    length = timedelta(days=years * 365 + months * 30 + days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if sign else length
