"""How Resource Manager spells the names of parameters and outputs in its answers.

Its JSON writer puts the capitals that a name begins with into small letters, but the one before a small letter or a
mark. Inside a template names are the same in any case.
Source: https://github.com/Azure/bicep/issues/9360 and
https://www.newtonsoft.com/json/help/html/T_Newtonsoft_Json_Serialization_CamelCaseNamingStrategy.htm
"""

from __future__ import annotations

from typing import Any


def camel_cased(name: str) -> str:
    """`NewNSG` -> `newNSG`, `URL` -> `url`, `TRANS_Test` -> `tranS_Test`."""
    end = _of_small_letters(name)
    return name[:end].lower() + name[end:]


def _of_small_letters(name: str) -> int:
    """Return how many of the first letters become small."""
    for at, letter in enumerate(name):
        following = name[at + 1 : at + 2]
        if at == 0 and not letter.isupper():
            return 0
        if at == 1 and not letter.isupper():
            return 1
        if at and following and not following.isupper():
            return at + following.isspace()
    return len(name)


def names_camel_cased(told: dict[str, Any]) -> dict[str, Any]:
    return {camel_cased(name): value for name, value in told.items()}
