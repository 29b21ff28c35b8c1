"""Somebody who looks on, and a lab with something to decide."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.widgets.following import stop_following


@pytest.fixture(autouse=True)
def followed_until_the_end(lab):
    """No control follows a lab that is closed."""
    yield
    stop_following()


@pytest.fixture
def person(monkeypatch):
    """Somebody looks on."""
    monkeypatch.setenv("ACRLAB_WIDGETS", "on")


@pytest.fixture
def asked(lab):
    """A lab with a request that waits for its owner, and a network for the portal's endpoint."""
    acrlab.bring_to(lab, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(lab)
    acrlab.steps.ensure_portal_network(lab)
    return lab


@pytest.fixture
def elsewhere(asked):
    """The same lab, as another program has it."""
    other = acrlab.connect(asked.settings)
    yield other
    other.close()
