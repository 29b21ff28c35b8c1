"""Which workers are taken: those of the same versions. Dask itself is met in `make test-class`."""

from __future__ import annotations

import pytest

from acrlab.classroom import cluster
from acrlab.errors import ConfigurationError


def told(python="3.11.7", **packages):
    installed = {"acrlab": "0.1.0", "dask": "2026.8.0", "distributed": "2026.8.0"}
    return {"host": {"python": python}, "packages": {**installed, **packages}}


class Client:
    """What `get_versions` tells."""

    def __init__(self, scheduler=None, **workers):
        self._told = {"client": told(), "scheduler": scheduler or told(), "workers": workers}

    def get_versions(self, packages):
        assert packages == ["acrlab"]
        return self._told


def refused(client):
    with pytest.raises(ConfigurationError) as caught:
        cluster._require_same(client)
    return str(caught.value)


def test_workers_of_the_same_versions_are_taken():
    cluster._require_same(Client(w0=told(), w1=told("3.11.9")))


def test_a_scheduler_runs_no_row_and_needs_no_acrlab():
    cluster._require_same(Client(scheduler=told(acrlab=None), w0=told()))


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (Client(w0=told(), w1=told(acrlab="0.0.9")), "worker w1 has acrlab 0.0.9, and here it is 0.1.0."),
        (Client(w0=told(acrlab=None)), "worker w0 has no acrlab. Install the same on both sides."),
        (Client(w0=told("3.12.1")), "worker w0 has python 3.12, and here it is 3.11."),
        (Client(scheduler=told(distributed="2025.5.1"), w0=told()), "the scheduler has distributed 2025.5.1, and here"),
        (Client(w0=None), "worker w0 has no python, no acrlab, no dask, no distributed."),
    ],
)
def test_others_are_refused_in_one_line(client, words):
    assert refused(client).removeprefix("--scheduler: ").startswith(words)


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)

    with pytest.raises(ConfigurationError, match=r"not installed. Install it: python -m pip install 'acrlab\[class\]'"):
        cluster.opened().__enter__()
