"""What counts late in a world that is as late as Azure, and at once in every other."""

import json

import pytest

from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import Request, Unreachable
from acrlab.emulator.entra import roles
from acrlab.emulator.shell import run_script

NAMES_S = 180  # after which a new registry's name, a link and a record are seen
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


@pytest.fixture
def late(place):
    place.world.set_setting("timing", "as-azure")
    return place


def set_registry(place, **properties):
    """Make or change the registry through Resource Manager, as a client does."""
    group = str(place.id("Microsoft.ContainerRegistry/registries", "contoso").group_id)
    _put(place, group, "2021-04-01", {"location": "westus"})
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": properties}
    _put(place, str(place.id("Microsoft.ContainerRegistry/registries", "contoso")), "2023-07-01", body)


def _put(place, path, version, body):
    request = Request("PUT", "", path, {"api-version": version}, {}, json.dumps(body).encode())
    answer = place.azure.manager.handle(request)
    assert answer.status in (200, 201), answer.body


def knock(place):
    return place.ask("contoso.azurecr.io").status


def after(place, seconds):
    place.world.advance_to(place.world.now + seconds)


@pytest.mark.parametrize(
    ("closed", "opened"),
    [
        ({"publicNetworkAccess": "Disabled"}, {"publicNetworkAccess": "Enabled"}),
        (
            {"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}},
            {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.77"}]}},
        ),
    ],
)
def test_rules_of_a_registry_count_two_minutes_late(late, closed, opened):
    set_registry(late)
    after(late, NAMES_S)

    set_registry(late, **closed)
    assert knock(late) == 401  # open still, and asks who is there
    after(late, 119)
    assert knock(late) == 401
    after(late, 2)
    assert knock(late) == 403

    set_registry(late, **opened)
    assert knock(late) == 403
    after(late, 121)
    assert knock(late) == 401


def test_changes_in_a_row_count_in_their_order(late):
    set_registry(late)
    set_registry(late, publicNetworkAccess="Disabled")
    after(late, 60)
    set_registry(late, publicNetworkAccess="Enabled")

    seen = []
    for _ in range(4):
        seen.append(knock(late))
        after(late, 50)

    assert seen == [401, 401, 403, 401]


def test_in_an_instant_world_rules_count_at_once_and_nothing_is_noted(place):
    set_registry(place)

    set_registry(place, publicNetworkAccess="Disabled")

    assert knock(place) == 403
    found = place.world.get(place.id("Microsoft.ContainerRegistry/registries", "contoso"))
    assert "counts late" not in found.state


def test_what_is_noted_stays_small_and_goes_with_its_resource(late):
    set_registry(late)
    for _ in range(20):
        set_registry(late, publicNetworkAccess="Disabled")
        set_registry(late, publicNetworkAccess="Enabled")
        after(late, 600)

    found = late.world.get(late.id("Microsoft.ContainerRegistry/registries", "contoso"))
    assert len(found.state["counts late"]["access"]) == 2

    late.world.reset()
    assert late.world.count() == 0


@pytest.mark.parametrize(("status", "passes_before"), [("Approved", False), ("Rejected", True)])
def test_the_owner_s_answer_to_an_endpoint_counts_half_a_minute_late(late, status, passes_before):
    set_registry(late)
    late.endpoint(status="Pending" if status == "Approved" else "Approved")
    late.zone()
    late.record("contoso", "10.0.0.6")
    after(late, NAMES_S)
    connection = late.id("Microsoft.ContainerRegistry/registries/privateEndpointConnections", "contoso", "contoso.1")
    answer = {"properties": {"privateLinkServiceConnectionState": {"status": status}}}

    def passes():
        try:
            return knock(late) == 401
        except Unreachable as problem:
            return problem.reason != "timeout"

    assert passes() == passes_before
    _put(late, str(connection), "2023-07-01", answer)
    after(late, 22)
    assert passes() == passes_before
    assert late.world.get(connection).state["link"]["status"] == status
    after(late, lateness.CONNECTION_S)
    assert passes() != passes_before


def test_a_role_counts_a_minute_late_and_half_a_minute_more_at_the_registry(late):
    registry, vm = late.registry(), late.vm()
    late.assign(PULL, vm, registry)
    principal = late.world.guid(vm, "principal")

    def seen():
        return (
            {role.name for role in roles.roles_at(late.world, principal, registry.id)},
            roles.may(late.world, principal, "pull", registry),
        )

    assert seen() == (set(), False)
    after(late, lateness.ROLE_S)
    assert seen() == ({"AcrPull"}, False)
    after(late, lateness.REGISTRY_ROLE_S - lateness.ROLE_S)
    assert seen() == ({"AcrPull"}, True)


def test_a_young_role_is_refused_where_tokens_are_exchanged(late):
    registry = late.registry()
    vm = late.vm(disk={"packages": {"docker.io": "28", "azure-cli": "2.91.0"}})
    late.assign(PULL, vm, registry)
    after(late, lateness.ROLE_S)

    def login():
        script = "az login --identity > /dev/null && az acr login --name contoso"
        return run_script(late.delivery, late.world.get(vm.id), script)

    assert "CONNECTIVITY_REFRESH_TOKEN_ERROR" in login().stderr
    after(late, lateness.REGISTRY_ROLE_S)
    assert login().stdout == "Login Succeeded\n"


# -- a VM's first boot, and its agent ----------------------------------------------------------------------------------


def run(place, script):
    return run_script(place.delivery, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), script)


def test_apt_is_locked_while_a_new_vm_boots(late):
    lists = run(late, "apt-get update")
    after(late, lateness.LISTS_LOCKED_S)
    packages = run(late, "apt-get update && apt-get install -y docker.io")
    after(late, lateness.PACKAGES_LOCKED_S)

    assert (lists.exit_code, packages.exit_code) == (100, 100)
    assert lists.stderr == (
        "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 2679 (apt-get)\n"
        "N: Be aware that removing the lock file is not a solution and may break your system.\n"
        "E: Unable to lock directory /var/lib/apt/lists/\n"
    )
    assert packages.stderr == (
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 2679 (unattended-upgr)\n"
        "N: Be aware that removing the lock file is not a solution and may break your system.\n"
        "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n"
    )
    assert run(late, "apt-get update && apt-get install -y docker.io").exit_code == 0


def test_apt_waits_for_its_packages_lock_as_long_as_it_is_told_to(late):
    after(late, lateness.LISTS_LOCKED_S)
    assert run(late, "apt-get update").exit_code == 0

    short = run(late, "apt-get -o DPkg::Lock::Timeout=60 install -y docker.io")
    begun = late.world.now
    whole = run(late, "apt-get -o DPkg::Lock::Timeout=600 install -y docker.io")

    assert (short.exit_code, begun) == (100, lateness.LISTS_LOCKED_S + 60)
    assert (whole.exit_code, late.world.now) == (0, lateness.PACKAGES_LOCKED_S)
    assert whole.stdout.startswith(
        "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by"
    )


def test_no_timeout_makes_apt_wait_for_its_lists(late):
    assert run(late, "apt-get -o DPkg::Lock::Timeout=600 update").exit_code == 100


def test_cloud_init_waits_for_the_end_of_the_first_boot(late):
    assert run(late, "cloud-init status").stdout == "status: running\n"
    assert run(late, "cloud-init status --wait").stdout == "status: done\n"
    assert late.world.now == lateness.BOOT_S
    assert run(late, "cloud-init clean").exit_code == 1


def test_in_an_instant_world_a_vm_has_booted_when_it_is_there(place):
    outcome = run(place, "cloud-init status --wait && apt-get update && apt-get install -y docker.io")

    assert (outcome.exit_code, place.world.now) == (0, 0)
