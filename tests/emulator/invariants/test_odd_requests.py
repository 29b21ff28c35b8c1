"""Requests that no client means: any path, query, headers and body end in an answer that says why, never in a 500."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.invariants.odd import (
    DATA_PATHS,
    ENTRA_PATHS,
    REGISTRY_PATHS,
    arm_paths,
    hold,
    other_paths,
    requests,
)
from tests.examples import often


@pytest.mark.long
@often(300)
@given(data=st.data())
def test_no_request_is_a_fault_of_resource_manager(asked, caplog, data):
    hold(asked, caplog, data.draw(requests(arm_paths(asked.ids))))


@often(100)
@given(request=requests(other_paths(ENTRA_PATHS)))
def test_no_request_is_a_fault_of_entra_id(asked, caplog, request):
    hold(asked, caplog, request)


@pytest.mark.long
@often(200)
@given(request=requests(other_paths(REGISTRY_PATHS)))
def test_no_request_is_a_fault_of_a_registry(asked, caplog, request):
    hold(asked, caplog, request, host="contoso42.azurecr.io")


@often(100)
@given(request=requests(other_paths(DATA_PATHS)), stored=st.booleans())
def test_no_request_is_a_fault_of_where_layers_are(asked, caplog, request, stored):
    hold(asked, caplog, request, host=asked.storage if stored else "contoso42.westus.data.azurecr.io")


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "expected"),
    [
        ("PUT", "/v2/hello-world/manifests/v2", {}, b"[" * 50_000, (400, "MANIFEST_INVALID")),
        ("PATCH", "/acr/v1/hello-world", {}, b"[1]", (400, "BAD_REQUEST")),
        ("PATCH", "/acr/v1/hello-world/_tags/v1", {}, b"null", (400, "BAD_REQUEST")),
        ("PATCH", "/acr/v1/hello-world", {}, b"[" * 50_000, (400, "BAD_REQUEST")),
        (
            "GET",
            "/oauth2/token?service=contoso42.azurecr.io",
            {"Authorization": "Basic \xb2"},
            b"",
            (401, "UNAUTHORIZED"),
        ),
        ("GET", f"/v2/_catalog?n={'9' * 5000}", {}, b"", (400, "PAGINATION_NUMBER_INVALID")),
        ("GET", "/v2/_catalog?n=\xb2", {}, b"", (400, "PAGINATION_NUMBER_INVALID")),
    ],
)
def test_what_was_a_fault_of_a_registry_once(asked, method, path, headers, body, expected):
    path, _, query = path.partition("?")

    status, answer = asked.ask(method, path, dict(parse_qsl(query)), headers, body, host="contoso42.azurecr.io")

    assert (status, json.loads(answer)["errors"][0]["code"]) == expected
