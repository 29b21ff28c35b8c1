"""Two parts of hub and spoke that are missing at once: nothing else is named, and what is advised leads out of both."""

from __future__ import annotations

from itertools import combinations

import pytest

from acrlab.doctor import diagnose
from tests.doctor import test_hub_and_spoke as one
from tests.doctor.test_hub_and_spoke import fixed, forwarded, linked

__all__ = ["forwarded", "linked"]  # fixtures

PEERINGS = {
    one.no_peering: "networks-not-peered",
    one.no_half_in_the_hub: "peering-half-made",
    one.half_deleted: "peering-disconnected",
    one.no_access: "peering-without-access",
}
SERVERS = {
    one.no_forwarder: "name-server-silent",
    one.for_its_own_subnet: "name-server-silent",
    one.to_the_internet: "name-server-forwards-elsewhere",
}
BY_LINK = PEERINGS | {one.no_link_to_the_spoke: "zone-not-linked", one.no_record: "record-missing"}
BY_SERVER = {
    **PEERINGS,
    **SERVERS,
    one.no_link_to_the_hub: "zone-not-linked",
    one.no_record: "record-missing",
    one.off: "name-server-stopped",  # last: on a VM that is off nothing else can be broken
}


def pairs(codes):
    """What can be missing together: of the peering one thing, and of the server one."""
    found = combinations(codes, 2)
    return [pair for pair in found if not any(set(pair) <= set(kind) for kind in (PEERINGS, SERVERS))]


def named(value):
    return value.__name__


@pytest.mark.table
@pytest.mark.parametrize(("first", "second"), pairs(BY_LINK), ids=named)
def test_with_a_link_of_its_own(linked, first, second):
    both(linked, BY_LINK, first, second)


@pytest.mark.table
@pytest.mark.parametrize(("first", "second"), pairs(BY_SERVER), ids=named)
def test_with_the_hubs_name_server(forwarded, first, second):
    both(forwarded, BY_SERVER, first, second)


def both(lab, codes, first, second):
    first(lab)
    second(lab)

    found = diagnose(lab)

    assert found.codes
    assert set(found.codes) <= {codes[first], codes[second]}
    assert fixed(lab, found) == ()
