"""The article's lab with one thing wrong: what each client does then; what it says of it is its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from acrlab.lab.lab import Lab
from tests.real_clients.containers.conftest import VM, Way, pull
from tests.real_clients.containers.states import STATES, State


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def state(request: pytest.FixtureRequest, lab: Lab) -> Iterator[State]:
    """One thing wrong, and right again afterwards."""
    found: State = request.param
    with found.planted(lab):
        yield found


def test_each_client_tells_of_what_is_wrong(client: str, way: Way, state: State) -> None:
    seen = pull(client, way, VM)
    said = seen.stdout + seen.stderr

    assert (seen.returncode == 0) == state.pulls, said
    if client in ("curl", "skopeo"):  # the others have words of their own
        assert re.search(state.packets if way.real else state.proxy, said), said
