"""Identities that are resources: made, given to a VM, given a role, and used from the VM."""

import json

import pytest

from acrlab.emulator.core.http import Request

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
VERSION = "2024-11-30"


@pytest.fixture
def identity(cloud):
    """Make an identity and return what Azure answers."""

    def identity(name="worker"):
        id = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/{TYPE}/{name}"
        body = json.dumps({"location": "westus"}).encode()
        return cloud.opened.azure.manager.handle(Request("PUT", "", id, {"api-version": VERSION}, {}, body)).body

    return identity


@pytest.fixture
def vm(cloud):
    """Make a VM, and give it an identity as a PATCH does."""
    cloud.vm(cloud.interface(cloud.subnet()))

    def vm(identity):
        return cloud.compute.virtual_machines.begin_update("g", "m", {"identity": identity}).result()

    return vm


def others(*identities):
    return {"type": "UserAssigned", "userAssignedIdentities": {one["id"]: {} for one in identities}}


@pytest.fixture
def asked(cloud):
    """Ask the metadata service from the VM for a token, and return its answer."""

    def asked(more=""):
        address = "http://169.254.169.254/metadata/identity/oauth2/token"
        url = f"{address}?api-version=2018-02-01&resource=https://management.azure.com/{more}"
        script = {"commandId": "RunShellScript", "script": [f"curl -s -H Metadata:true '{url}'"]}
        answer = cloud.compute.virtual_machines.begin_run_command("g", "m", script).result()
        return json.loads(answer.value[0].message.partition("[stdout]\n")[2].partition("\n[stderr]")[0])

    return asked


def test_an_identity_has_a_principal_and_a_client_of_its_own(cloud, identity):
    one, other = identity(), identity("other")

    shown = one["properties"]
    assert (shown["tenantId"], one["type"], one["location"]) == (cloud.world.setting("tenant"), TYPE, "westus")
    assert len({shown["principalId"], shown["clientId"], other["properties"]["principalId"]}) == 3
    assert "provisioningState" not in shown


def test_a_vm_shows_the_identities_that_it_was_given(identity, vm):
    made = identity()

    found = vm(others(made)).identity

    assert (found.type, found.principal_id) == ("UserAssigned", None)
    (told,) = found.user_assigned_identities.values()
    assert (told.principal_id, told.client_id) == (made["properties"]["principalId"], made["properties"]["clientId"])


def test_the_only_identity_of_a_vm_needs_no_name(identity, vm, asked):
    made = identity()
    vm(others(made))

    assert asked()["client_id"] == made["properties"]["clientId"]


def test_one_of_several_identities_has_to_be_named(identity, vm, asked):
    one, other = identity(), identity("other")
    vm(others(one, other))

    assert asked()["error_description"].startswith("Multiple user assigned identities exist, please specify")
    ids = {"client_id": other["properties"]["clientId"], "object_id": other["properties"]["principalId"]}
    for name, value in {**ids, "msi_res_id": other["id"]}.items():
        assert asked(f"&{name}={value}")["client_id"] == other["properties"]["clientId"]


def test_the_vm_s_own_identity_comes_first(identity, vm, asked):
    made = identity()
    kept = vm({**others(made), "type": "SystemAssigned, UserAssigned"})

    assert kept.identity.principal_id
    assert asked()["client_id"] != made["properties"]["clientId"]
    assert asked(f"&client_id={made['properties']['clientId']}")["client_id"] == made["properties"]["clientId"]


def test_an_identity_that_the_vm_was_not_given_is_not_found(identity, vm, asked):
    vm(others(identity()))

    found = asked(f"&client_id={identity('stranger')['properties']['clientId']}")

    assert found["error_description"] == "Identity not found"


def test_an_identity_that_is_not_there_cannot_be_given(identity, vm, refused):
    missing = {"id": identity()["id"].replace("worker", "none")}

    assert refused(lambda: vm(others(missing))) == (400, "FailedIdentityOperation")


def test_what_is_given_is_the_id_of_an_identity(cloud, vm, refused):
    network = {"id": cloud.network.virtual_networks.get("g", "v").id}

    assert refused(lambda: vm(others(network))) == (400, "InvalidIdentityValues")


def test_kind_and_identities_have_to_agree(identity, vm, refused):
    both = {**others(identity()), "type": "SystemAssigned"}

    assert refused(lambda: vm(both)) == (400, "InvalidParameter")
    assert refused(lambda: vm({"type": "UserAssigned"})) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "kind", ["SystemAssigned,UserAssigned", "userassigned , systemassigned", "SystemAssigned, UserAssigned"]
)
def test_kinds_are_flags_in_any_order_and_spelling(identity, vm, kind):
    found = vm({**others(identity()), "type": kind}).identity

    assert (found.type, bool(found.principal_id), len(found.user_assigned_identities)) == (
        "SystemAssigned, UserAssigned",
        True,
        1,
    )


@pytest.mark.parametrize("kind", ["SystemAssigned,None", "Own", "", ["SystemAssigned"]])
def test_what_is_no_set_of_flags_is_refused(vm, refused, kind):
    assert refused(lambda: vm({"type": kind}))[0] == 400


def test_a_deleted_identity_keeps_its_place_and_gets_no_token(cloud, identity, vm, asked):
    made = identity()
    vm(others(made))
    cloud.resources.resources.begin_delete_by_id(made["id"], api_version=VERSION).result()

    assert asked()["error_description"] == "Identity not found"
    shown = cloud.compute.virtual_machines.get("g", "m").identity.user_assigned_identities
    assert [told.principal_id for told in shown.values()] == [None]
