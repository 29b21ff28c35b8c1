"""What tags may be: how many, how long, of which characters.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
"""

from __future__ import annotations

import re

from acrlab.emulator.core.http import ArmError

MOST, LONGEST_NAME, LONGEST_VALUE = 50, 512, 256
_RESERVED = re.compile(r"[<>%&\\?/\x00-\x1f]")


def require_legal(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags as they are. Raises: ArmError: in the front door's words, but for the number, which are ours."""
    if len(tags) > MOST:
        message = f"The number of tags, {len(tags)}, exceeds the maximum of {MOST} tags for a resource."
        raise ArmError(400, "InvalidTagCount", message, gateway=True)
    if reserved := [name for name in tags if _RESERVED.search(name) or not name]:
        message = (
            f"The tag names '{','.join(reserved)}' have reserved characters '<,>,%,&,\\,?,/' or control characters."
        )
        raise ArmError(400, "InvalidTagNameCharacters", message, gateway=True)
    if long := [name for name in tags if len(name) > LONGEST_NAME]:
        message = (
            f"Tag key too large. Following tag name '{','.join(long)}' exceeded the maximum length. Maximum allowed "
            f"length for tag name - '{LONGEST_NAME}' characters."
        )
        raise ArmError(400, "InvalidTagName", message, gateway=True)
    if long := [value for value in tags.values() if len(value) > LONGEST_VALUE]:
        message = (
            f"Tag value too large. Following tag value '{','.join(long)}' exceeded the maximum length. Maximum allowed "
            f"length for tag value - '{LONGEST_VALUE}' characters."
        )
        raise ArmError(400, "InvalidTagValueLength", message, gateway=True)
    return tags
