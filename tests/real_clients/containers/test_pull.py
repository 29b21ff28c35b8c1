"""Real container clients pull where they may, and are told why not where they may not.

Each fault is the article's lab with one thing wrong; what a client says of it is the client's own.
"""

from __future__ import annotations

import re

from tests.real_clients.containers.conftest import OUTSIDE, STRANGER, VM, Way, pull

REFUSED = r"not allowed access|403|[Ff]orbidden|denied"


def test_the_vm_pulls(client: str, way: Way) -> None:
    pulled = pull(client, way, VM)

    assert pulled.returncode == 0, pulled.stdout + pulled.stderr


def test_a_vm_whose_network_is_not_linked_is_refused(client: str, way: Way) -> None:
    refused = pull(client, way, STRANGER)

    assert refused.returncode not in (0, 124), refused.stdout
    assert re.search(REFUSED, refused.stdout + refused.stderr)


def test_somebody_on_the_internet_is_refused(client: str, way: Way) -> None:
    refused = pull(client, way, OUTSIDE)

    assert refused.returncode not in (0, 124), refused.stdout
    assert re.search(REFUSED, refused.stdout + refused.stderr)
