"""The hash that Resource Manager makes of texts: for `uniqueString()`, and for what tells one template from another.

It is of MurmurHash3's family: two halves of 32 bits, which each block of eight bytes mixes into each other.
Source: https://www.nuget.org/packages/Azure.Deployments.Expression,
https://gist.github.com/maskati/23f329e7db43c00184143f04498e537c and, for a template, the example of
https://learn.microsoft.com/rest/api/resources/deployments/calculate-template-hash
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

BLOCK = Struct("<II")
_WORD, _MASK = 2**32, 2**32 - 1
_FIRST, _SECOND = 0x239B961B, 0xAB0E9789


@lru_cache(maxsize=8)  # a deployment is asked for again and again, and its template is the same
def hash_of(data: bytes) -> int:
    """Return the 64 bits that belong to data."""
    low = high = 0
    whole = len(data) - len(data) % BLOCK.size
    # Spelled out: a template may have megabytes, and a call for each step would take nearly twice as long.
    for first, second in BLOCK.iter_unpack(data[:whole]):
        first = first * _FIRST & _MASK
        first = (first << 15 | first >> 17) * _SECOND & _MASK
        low = (low ^ first) & _MASK
        low = (low << 19 | low >> 13) & _MASK
        low = ((low + high) * 5 + 0x561CCD1B) & _MASK
        second = second * _SECOND & _MASK
        second = (second << 17 | second >> 15) * _FIRST & _MASK
        high = (high ^ second) & _MASK
        high = (high << 13 | high >> 19) & _MASK
        high = ((high + low) * 5 + 0x0BCAA747) & _MASK
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
