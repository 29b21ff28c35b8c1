"""Which declared route a request is for."""

import pytest

from acrlab.emulator.arm.route_table import RouteTable
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.schema import Route

PATHS = ("/subscriptions/{subscription}", "/{scope:path}/providers/N/locks", "/providers/N/roles/{role}", "/a/{b}/Last")


def find(method, path):
    """The path of the route and its words."""
    table = RouteTable(Route("GET", one, lambda *_: {}, "https://example.org") for one in PATHS)
    found = table.find(Request(method, "management.azure.com", path))
    return found and (found[0].path, found[1])


@pytest.mark.parametrize(
    ("path", "route", "words"),
    [
        ("/subscriptions/s", PATHS[0], {"subscription": "s"}),
        ("/Subscriptions/s/", PATHS[0], {"subscription": "s"}),
        (
            "/subscriptions/s/resourceGroups/g/providers/N/Locks",
            PATHS[1],
            {"scope": "subscriptions/s/resourceGroups/g"},
        ),
        ("/providers/N/roles/locks", PATHS[2], {"role": "locks"}),
        ("/a/x/LAST/", PATHS[3], {"b": "x"}),
    ],
)
def test_a_path_is_found_by_its_last_word_in_any_case(path, route, words):
    assert find("GET", path) == (route, words)


@pytest.mark.parametrize(
    "path",
    [
        *("/subscriptions", "/subscriptions/s/x", "/a/x/y/last", "/", ""),
        *("/tenants/providers/N/locks", "/subscriptions/providers/N/locks", "/providers/N/locks"),
        "/providers/Microsoft.Management/managementGroups/m/providers/N/locks",
    ],
)
def test_other_paths_are_of_no_route(path):
    assert find("GET", path) is None


def test_another_method_is_another_route():
    assert find("PUT", "/subscriptions/s") is None
