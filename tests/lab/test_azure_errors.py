"""What is said when Azure says no: what failed, on what, what was seen, what to do."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from azure.core import PipelineClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.rest import HttpRequest

import acrlab
from acrlab.emulator.core import fault_injection
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.azure_errors import asking, find, refused, required
from acrlab.lab.ensure import made


def test_a_refusal_names_what_failed_on_what_and_what_to_do(lab):
    acrlab.bring_to(lab, "group")
    other = {"location": "westus", "sku": {"name": "Premium"}, "properties": {}}
    lab.resources.resource_groups.create_or_update("another", {"location": "westus"})
    lab.registry.registries.begin_create("another", "contoso42", other).result()

    with pytest.raises(acrlab.RefusedError) as caught:
        acrlab.ensure_registry(lab)

    assert (caught.value.status, caught.value.code) == (409, "AlreadyInUse")
    assert caught.value.resource_id.endswith("/registries/contoso42")
    text = str(caught.value)
    assert text.startswith(
        "Creating the registry failed on contoso42: Azure answered 409 AlreadyInUse: The registry DNS"
    )
    assert text.endswith("Registry names are global: choose another registry_name.")


@pytest.fixture
def streamed():
    """Asks a registry that refuses, for an answer that is read later, as that of a manifest is; gives the answer."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self):
            text = (
                b'{"errors": [{"code": "DENIED", "message": "client with IP \'198.51.100.20\' is not allowed access"}]}'
            )
            self.send_response(403)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Refusing) as server, PipelineClient("http://127.0.0.1") as client:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        asked = HttpRequest("GET", f"http://127.0.0.1:{server.server_port}/v2/hello-world/manifests/v1")
        yield client.send_request(asked, stream=True)
        thread.join()


def test_a_refusal_in_place_of_what_is_streamed_is_read(streamed):
    with pytest.raises(RefusedError) as caught, asking("Pulling", "/registries/contoso42"):
        raise HttpResponseError(response=streamed)

    assert (caught.value.status, caught.value.code) == (403, "DENIED")
    assert "client with IP '198.51.100.20' is not allowed access" in str(caught.value)


def test_no_answer_is_told_apart_from_a_no():
    with pytest.raises(acrlab.RefusedError) as caught, asking("Pulling", "/registries/contoso42"):
        raise ServiceRequestError("Failed to reach contoso42.azurecr.io: no such host")

    assert str(caught.value) == ("Pulling failed: no answer. Failed to reach contoso42.azurecr.io: no such host")
    assert caught.value.code == "Unreachable"


def test_rejected_credentials_say_how_to_sign_in():
    with pytest.raises(acrlab.RefusedError) as caught, asking("Reading", "/registries/contoso42"):
        raise ClientAuthenticationError("a long story with a token in it")

    assert str(caught.value) == "Reading failed: Azure does not accept the credentials. Sign in again: az login."


def test_a_missing_right_is_an_error_of_its_own(lab, world, monkeypatch):
    from acrlab.emulator.core.http import ArmError

    def forbidden(request):
        message = "The client does not have authorization to perform action 'Microsoft.Network/virtualNetworks/read'"
        return ArmError(403, "AuthorizationFailed", message, gateway=True).response()

    monkeypatch.setattr(lab.backend.azure.manager, "handle", forbidden)

    with pytest.raises(NotVisibleError) as caught:
        acrlab.steps.ensure_network(lab)

    assert "this identity lacks the right to" in str(caught.value)
    assert "virtualNetworks/read" in caught.value.permission


def test_what_failed_half_way_is_taken_for_missing_so_that_it_is_made_again(lab, world):
    fault_injection.plant(
        world, fault_injection.Fault("fail-operation", "PUT", "*/privateDnsZones/privatelink.azurecr.io")
    )
    with pytest.raises(acrlab.RefusedError, match="Creating the zone"):
        acrlab.bring_to(lab, "zone")

    def zone():
        return lab.dns.private_zones.get("myResourceGroup", "privatelink.azurecr.io")

    assert (find(zone).properties.provisioning_state, made(lab, zone)) == ("Failed", None)
    acrlab.bring_to(lab, "zone")
    assert made(lab, zone).properties.provisioning_state == "Succeeded"


def test_what_is_not_there_is_not_made(lab):
    acrlab.ensure_group(lab)

    assert made(lab, lambda: lab.dns.private_zones.get("myResourceGroup", "privatelink.azurecr.io")) is None


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "RequestDisallowedByPolicy", "A policy of your organisation forbids it"),
        (403, "DenyAssignmentAuthorizationFailed", "A deny assignment forbids it, whatever roles you have"),
        (403, "LinkedAuthorizationFailed", "on the other resource that the message names"),
        (409, "AllocationFailed", "choose another vm_size or location, or wait"),
        (409, "OperationNotAllowed", "Where the message names a quota"),
        (409, "ReadOnlyDisabledSubscription", "The subscription is disabled"),
    ],
)
def test_what_a_company_or_a_full_region_refuses_comes_with_what_to_do(lab, world, status, code, advice):
    fault_injection.plant(world, fault_injection.Fault("error", "PUT", "*/virtualNetworks/*", "every", code=code))

    with pytest.raises(acrlab.RefusedError, match=advice) as caught:
        acrlab.bring_to(lab, "network")

    assert caught.value.code == code


def test_a_subscription_of_another_tenant_is_chosen_not_signed_in_to_again(lab, world, monkeypatch):
    from acrlab.emulator.core.http import ArmError

    text = "The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the tenant"
    refusal = ArmError(401, "InvalidAuthenticationTokenTenant", text, gateway=True)
    monkeypatch.setattr(lab.backend.azure.manager, "handle", lambda request: refusal.response())

    with pytest.raises(acrlab.RefusedError, match="az account set --subscription ID"):
        acrlab.steps.ensure_network(lab)


def test_a_part_of_an_answer_that_is_missing_is_named_with_what_to_do():
    assert required("", "id of the zone") == ""

    with pytest.raises(acrlab.RefusedError) as caught:
        required(None, "id of the zone")

    assert caught.value.code == "IncompleteAnswer"
    assert str(caught.value) == (
        "Azure's answer has no id of the zone, which it always has. Ask again. If it stays so, an Azure SDK package is "
        "not the version that acrlab was tested with: install acrlab with its constraints.txt."
    )


def test_a_refusal_that_was_expected_is_returned_in_azure_s_words(lab):
    acrlab.bring_to(lab, "link")
    zones = lab.dns.private_zones

    said = refused(lambda: zones.begin_delete("myResourceGroup", "privatelink.azurecr.io").result())

    assert (said.status, said.code) == (409, "CannotDeleteResource")
    assert repr(said).startswith("409 CannotDeleteResource\nCannot delete resource while nested resources exist.")


def test_a_refusal_that_does_not_come_is_an_error():
    with pytest.raises(RefusedError, match="Expected a refusal, but Azure did what was asked"):
        refused(lambda: None)
