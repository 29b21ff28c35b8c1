"""Odd requests of which it is known what Azure says, over HTTPS: above the subscriptions, numbers, bodies, metadata."""

from __future__ import annotations

import pytest

SUPPORTED = "Supported: subscriptions, resource groups and resources."
GROUPS = "/providers/Microsoft.Management/managementGroups/mg"
MISSING = "The request did not have a subscription or a valid tenant level resource provider."
LARGE = "9" * 5000


def ask(served, path, method="GET", version="2024-05-01", **more):
    own = path.replace("{s}", served.connection.subscription)
    headers = {"Authorization": f"Bearer {served.token()}"}
    answer = served.http.request(
        method, own, params={"api-version": version, **more.pop("query", {})}, headers=headers, **more
    )
    error = answer.json().get("error", {})
    return answer.status_code, error.get("code"), error.get("message")


@pytest.mark.parametrize(
    "path",
    [
        "/providers/Microsoft.ContainerRegistry/registries",
        "/providers/Microsoft.Network/virtualNetworks/v",
        "/providers/Microsoft.Compute/virtualMachines/v/runCommands/c",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_lives_in_a_group_is_nothing_without_a_subscription(served, path, method):
    assert ask(served, path, method) == (404, "MissingSubscription", MISSING)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (f"{GROUPS}/providers/Microsoft.Resources/deployments", f"the scope {GROUPS}"),
        (f"{GROUPS}/providers/Microsoft.Resources/deployments/d", f"the scope {GROUPS}"),
        ("/providers/Microsoft.Authorization/locks", "Microsoft.Authorization/locks of the whole tenant"),
        ("/providers/Microsoft.Resources/deployments/d", "Microsoft.Resources/deployments of the whole tenant"),
        (
            "/providers/Microsoft.Billing/billingAccounts/1/providers/Microsoft.Compute/virtualMachines",
            "the scope /providers/Microsoft.Billing/billingAccounts/1",
        ),
    ],
)
def test_what_azure_has_above_the_subscriptions_is_not_emulated_and_named(served, path, what):
    assert ask(served, path) == (501, "NotEmulated", f"Not emulated: {what}. {SUPPORTED}")


@pytest.mark.parametrize(
    "path",
    [
        "/subscriptions/{s}/locations/westus/providers/Microsoft.Network/virtualNetworks",
        "/subscriptions/{s}/locations/westus/providers/Microsoft.Authorization/roleAssignments/x",
        "/tenants/providers/Microsoft.Network/virtualNetworks",
    ],
)
def test_what_looks_like_a_scope_and_is_none_is_named(served, path):
    status, code, message = ask(served, path)

    assert (status, code) == (501, "NotEmulated")
    assert path.replace("{s}", served.connection.subscription) in message


@pytest.mark.parametrize("top", ["x", "0", "-1", "1.5", "²", LARGE])
@pytest.mark.parametrize(
    "path",
    ["/subscriptions/{s}/resources", "/subscriptions/{s}/providers/Microsoft.Compute/locations/westus/publishers"],
)
def test_a_number_of_items_that_is_none_is_refused(served, path, top):
    message = f"The value '{top}' of the query parameter '$top' is invalid: it must be a whole number above 0."

    assert ask(served, path, query={"$top": top}) == (400, "InvalidTopQueryParameter", message)


def test_a_number_that_no_reader_takes_is_refused_with_its_place(served):
    body = f'{{"location": "westus",\n"tags": {{"a": {LARGE}}}}}'

    status, code, message = ask(served, "/subscriptions/{s}/resourceGroups/g", "PUT", content=body)

    assert (status, code) == (400, "InvalidRequestContent")
    assert message.endswith("Unexpected character encountered while parsing value: 9. Path '', line 2, position 14.'.")


# -- /metadata/endpoints -----------------------------------------------------------------------------------------------


def endpoints(served, **query):
    return served.http.get("/metadata/endpoints", params=query)


@pytest.mark.parametrize("version", ["1.0", "2015-01-01", "2016-09-01", "2017-12-31"])
def test_the_oldest_form_is_one_cloud_under_old_names(served, version):
    arm = served.connection.arm

    assert endpoints(served, **{"api-version": version}).json() == {
        "galleryEndpoint": f"{arm}/gallery",
        "graphEndpoint": "https://graph.windows.net/",
        "portalEndpoint": "https://portal.azure.com",
        "authentication": {
            "loginEndpoint": arm,
            "audiences": ["https://management.azure.com", "https://management.azure.com/"],
        },
    }


@pytest.mark.parametrize("version", ["2018-05-01", "2019-05-01", "2020-06-01", "2022-08-31"])
def test_then_it_is_a_list_of_clouds(served, version):
    (cloud,) = endpoints(served, **{"api-version": version}).json()

    assert (cloud["name"], cloud["resourceManager"]) == ("acrlab", served.connection.arm)


@pytest.mark.parametrize("version", ["2022-09-01", "2023-11-01", "2099-01-01"])
def test_and_then_one_cloud_again(served, version):
    assert endpoints(served, **{"api-version": version}).json()["resourceManager"] == served.connection.arm


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "MissingApiVersionParameter"),
        ({"api-version": ""}, "MissingApiVersionParameter"),
        ({"api-version": "latest"}, "InvalidApiVersionParameter"),
        ({"api-version": "2.0"}, "InvalidApiVersionParameter"),
    ],
)
def test_at_no_version_it_is_refused(served, query, code):
    answer = endpoints(served, **query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
