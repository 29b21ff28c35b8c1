"""The hash that Resource Manager makes of texts: for `uniqueString()`, and for what tells one template from another.

It is of MurmurHash3's family: two halves of 32 bits, which each block of eight bytes mixes into each other.
Source: https://www.nuget.org/packages/Azure.Deployments.Expression,
https://gist.github.com/maskati/23f329e7db43c00184143f04498e537c and, for a template, the example of
https://learn.microsoft.com/rest/api/resources/deployments/calculate-template-hash
"""

from __future__ import annotations

_WORD = 2**32
_FIRST, _SECOND = 0x239B961B, 0xAB0E9789


def hash_of(data: bytes) -> int:
    """Return the 64 bits that belong to data."""
    low = high = 0
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        low = _turned(low ^ _mixed(_word(data[at : at + 4]), _FIRST, 15, _SECOND), 19)
        low = ((low + high) * 5 + 0x561CCD1B) % _WORD
        high = _turned(high ^ _mixed(_word(data[at + 4 : at + 8]), _SECOND, 17, _FIRST), 13)
        high = ((high + low) * 5 + 0x0BCAA747) % _WORD
    low ^= _mixed(_word(data[whole : whole + 4]), _FIRST, 15, _SECOND)
    high ^= _mixed(_word(data[whole + 4 :]), _SECOND, 17, _FIRST)
    low, high = _added(low ^ len(data), high ^ len(data))
    low, high = _added(_finished(low), _finished(high))
    return high << 32 | low


def _word(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _turned(number: int, bits: int) -> int:
    return (number << bits | number >> 32 - bits) % _WORD


def _mixed(number: int, first: int, bits: int, second: int) -> int:
    return _turned(number * first % _WORD, bits) * second % _WORD


def _added(low: int, high: int) -> tuple[int, int]:
    low = (low + high) % _WORD
    return low, (high + low) % _WORD


def _finished(number: int) -> int:
    number = (number ^ number >> 16) * 0x85EBCA6B % _WORD
    number = (number ^ number >> 13) * 0xC2B2AE35 % _WORD
    return number ^ number >> 16
