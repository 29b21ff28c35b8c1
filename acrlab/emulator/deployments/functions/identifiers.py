"""What template functions make of words: the same letters, or the same GUID, for the same words.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

from __future__ import annotations

import uuid

from acrlab.emulator.core.hash64 import hash_of

# Source: the namespace that the documentation of guid() names
GUID_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 13


def unique_string(first: str, *others: str) -> str:
    """Make the thirteen letters and digits that belong to some words: five bits each, the highest first."""
    number = hash_of("-".join((first, *others)).encode()) << (5 * LENGTH - 64)
    return "".join(LETTERS[number >> 5 * (LENGTH - 1 - at) & 31] for at in range(LENGTH))


def guid(first: str, *others: str) -> str:
    """Make the GUID that belongs to some words."""
    return str(uuid.uuid5(GUID_NAMESPACE, "-".join((first, *others))))
