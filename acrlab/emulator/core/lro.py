"""How a client follows a long-running operation: two headers, two kinds of URL, and the words of their answers.

Every provider does it its own way, and SDK clients read the differences: `Azure-AsyncOperation` is polled for a
`status`, `Location` for a status code, and which of the two is sent decides where the result comes from.
Source: https://github.com/microsoft/api-guidelines/blob/vNext/azure/ConsiderationsForServiceDesign.md#long-running-operations
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acrlab.emulator.core.resource import Resource, State


@dataclass(frozen=True)
class Polling:
    """How a provider lets a client follow an operation that takes time.

    The templates know `{subscription}`, `{group}`, `{location}` (its own or its parent's), `{LOCATION}` (the same in
    capitals), `{id}` (the resource), `{parent}` (what it is part of) and `{operation}`.

    Attributes:
        status_url: path for the `Azure-AsyncOperation` header; empty: no such header.
        result_url: path for the `Location` header; empty: no such header.
        running: HTTP status of a poll while it runs.
        word: what a poll's `status` says while it runs.
        retry_after: seconds that the client is asked to wait, whole and above 0; None: no header (clients wait 30 s).
        status: HTTP status of the answer that starts it; None: the verb's usual one.
        empty_body: the starting answer carries `{}` instead of the resource.
        no_body: it carries nothing at all.
        shows_deleting: a deletion's starting answer carries the resource.
        phase: `provisioningState` while it runs; empty: `Creating` or `Updating` as the verb has it.
        done_status: HTTP status of the result URL in the end.
        since, until: first api-version that works like this, and first one that no longer does; with any other the
            operation answers at once.
        name: template of the operation's name, which knows `{guid}`, `{number}` (of 20 digits), `{verb}`, `{name}`
            (the resource's), `{group}` and `{subscription}`.
        encoded: the name is written in URL-safe base64.
        poll_body: what a poll tells beside `status`: `bare` nothing, `named` its id and name, `timed` name and times,
            `whole` all of these.
        offset: times in polls end in `+00:00` and not in `Z`.
        tells_result: a poll's answer carries what a write has made, once it is done.
        echoes: parts of the resource that the starting answer carries, and of them only what was sent; empty: all.
        repeats: a poll repeats the headers that started it, while it runs.
        repeats_last: so does the poll that tells that it has succeeded.
        quiet: a poll of the status says no `Retry-After`, only the answer that starts it does.
        rewrites: its end writes the resource again, which gives it another etag.
        api_version: that of its URLs; empty: the one that was asked for.
    """

    status_url: str = ""
    result_url: str = ""
    running: int = 200
    word: str = "InProgress"
    retry_after: int | None = 10
    status: int | None = None
    empty_body: bool = False
    no_body: bool = False
    shows_deleting: bool = False
    phase: str = ""
    done_status: int = 200
    since: str = ""
    until: str = ""
    name: str = "{guid}"
    encoded: bool = False
    poll_body: str = "bare"
    offset: bool = False
    tells_result: bool = False
    echoes: Sequence[str] = ()
    repeats: bool = False
    repeats_last: bool = False
    quiet: bool = False
    rewrites: bool = False
    api_version: str = ""


def guid_of_operation(state: State, resource: Resource, verb: str, begun: float) -> str:
    """Make the GUID of the operation that a verb began on a resource."""
    return state.derive(
        "operation", resource.id.key, str(resource.generation), str(resource.revision), verb, repr(begun)
    )


def number_of(guid: str) -> str:
    """Write a GUID as the number that Resource Manager gives its own operations, such as `08585759594419741223`."""
    return f"0858{int(guid.replace('-', ''), 16) % 10**16:016d}"
