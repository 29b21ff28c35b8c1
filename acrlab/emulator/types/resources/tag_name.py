"""The names of tags in a subscription, and their values: those in use, and those that were written down beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from acrlab.azure.arm_id import SUBSCRIPTION_TYPE, ArmId
from acrlab.emulator.core.http import JSON, NotEmulated, Request, Response
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.resources.subscription import require_subscription
from acrlab.emulator.types.resources.tag import SOURCE, tags_of

Counts = dict[str, dict[str, int]]  # name -> value -> how often it is in use


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Every name and value, and how many groups and resources of the subscription are tagged with it."""
    counts = _counts(state, words)
    return {"value": [_described(words, name, counts[name]) for name in sorted(counts)]}


def named(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Write a name down; its values come one by one."""
    known = _known(state, words)
    spelled = _spelled(known, words["tag"])
    if spelled is None:
        _keep(state, words, {**known, words["tag"]: []})
    counts = _counts(state, words)
    name = _spelled(counts, words["tag"]) or words["tag"]
    return Response(201 if spelled is None else 200, _described(words, name, counts[name]))


def unnamed(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Strike a name out that nothing uses."""
    known = _known(state, words)
    spelled = _spelled(known, words["tag"])
    if spelled is None:
        return Response(204)
    if known[spelled] or sum(_counts(state, words)[spelled].values()):
        raise NotEmulated("deleting a tag name that has values, or is in use", supported="one that nothing has")
    _keep(state, words, {name: values for name, values in known.items() if name != spelled})
    return Response(200)


def valued(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Write a value of a name down."""
    known, value = _known(state, words), words["value"]
    spelled = _spelled(known, words["tag"])
    if spelled is None:
        raise NotEmulated("a value of a tag name that was not written down before")
    is_new = value not in known[spelled]
    if is_new:
        _keep(state, words, {**known, spelled: [*known[spelled], value]})
    used = _counts(state, words)[spelled].get(value, 0)
    return Response(201 if is_new else 200, _value(_root(words), spelled, value, used))


def unvalued(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Strike a value out that nothing uses."""
    known, value = _known(state, words), words["value"]
    spelled = _spelled(known, words["tag"])
    if spelled is None or value not in known[spelled]:
        return Response(204)
    if _counts(state, words)[spelled].get(value):
        raise NotEmulated("deleting a tag value that is in use", supported="one that nothing has")
    _keep(state, words, {**known, spelled: [one for one in known[spelled] if one != value]})
    return Response(200)


def _spelled(names: Mapping[str, object], asked: str) -> str | None:
    return next((name for name in names if name.lower() == asked.lower()), None)


def _known(state: State, words: Mapping[str, str]) -> dict[str, list[str]]:
    """What was written down: name -> values."""
    require_subscription(state, words["subscription"])
    found: dict[str, list[str]] = json.loads(state.value(_key(words), "{}"))
    return found


def _keep(state: State, words: Mapping[str, str], known: Mapping[str, list[str]]) -> None:
    state.set_value(_key(words), json.dumps(known))


def _key(words: Mapping[str, str]) -> str:
    return f"tag names {words['subscription'].lower()}"


def _counts(state: State, words: Mapping[str, str]) -> Counts:
    counts: Counts = {name: dict.fromkeys(values, 0) for name, values in _known(state, words).items()}
    for name, value in _in_use(state, words["subscription"]):
        values = counts.setdefault(_spelled(counts, name) or name, {})
        values[value] = values.get(value, 0) + 1
    return counts


def _in_use(state: State, subscription: str) -> Iterator[tuple[str, str]]:
    root = ArmId("", SUBSCRIPTION_TYPE, (subscription,))
    yield from tags_of(state, root).items()
    for resource in reversed(state.below(root)):
        yield from resource.body.get("tags", {}).items()


def _described(words: Mapping[str, str], name: str, values: Mapping[str, int]) -> JSON:
    return {
        "id": f"{_root(words)}/{name}",
        "tagName": name,
        "count": {"type": "Total", "value": sum(values.values())},
        "values": [_value(_root(words), name, value, count) for value, count in sorted(values.items())],
    }


def _value(root: str, name: str, value: str, count: int) -> JSON:
    return {
        "id": f"{root}/{name}/tagValues/{value}",
        "tagValue": value,
        "count": {"type": "Total", "value": count},
    }


def _root(words: Mapping[str, str]) -> str:
    return f"/subscriptions/{words['subscription']}/tagNames"


_PATH = "/subscriptions/{subscription}/tagNames"
ROUTES = (
    Route("GET", _PATH, listed, f"{SOURCE}/list"),
    Route("PUT", f"{_PATH}/{{tag}}", named, f"{SOURCE}/create-or-update"),
    Route("DELETE", f"{_PATH}/{{tag}}", unnamed, f"{SOURCE}/delete"),
    Route("PUT", f"{_PATH}/{{tag}}/tagValues/{{value}}", valued, f"{SOURCE}/create-or-update-value"),
    Route("DELETE", f"{_PATH}/{{tag}}/tagValues/{{value}}", unvalued, f"{SOURCE}/delete-value"),
)
