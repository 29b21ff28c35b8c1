"""Hub and spoke by plain `az`: a spoke's VM pulls by the hub's zone, and without a part of it the error changes."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.real_clients.conftest import ACRLAB

G = "-g spokes"
ZONE = "privatelink.azurecr.io"
PEER = "az network vnet peering"
LONG = "--resource-group spokes"
ON_SERVER = f"az vm run-command invoke {G} -n dns --command-id RunShellScript --scripts"
FORWARD = "bind-interfaces\\nlisten-address=10.0.0.4\\nno-resolv\\nserver=168.63.129.16\\n"
INSTALL = (
    f"apt-get update; apt-get install -y dnsmasq; printf '{FORWARD}' > /etc/dnsmasq.conf; systemctl restart dnsmasq"
)

MADE = f"""
az group create -n spokes -l westus
az network vnet create {G} -n hub --address-prefixes 10.0.0.0/16 --subnet-name shared --subnet-prefixes 10.0.0.0/24
az network vnet create {G} -n spoke --address-prefixes 10.1.0.0/16 --subnet-name work --subnet-prefixes 10.1.0.0/24
az network vnet subnet update {G} --vnet-name hub -n shared --private-endpoint-network-policies Disabled
az vm create {G} -n dns --image Ubuntu2204 --vnet-name hub --subnet shared --admin-username azureuser \\
    --generate-ssh-keys --private-ip-address 10.0.0.4
az vm create {G} -n work --image Ubuntu2204 --vnet-name spoke --subnet work --admin-username azureuser \\
    --generate-ssh-keys
az acr create {G} -n spokesregistry --sku Premium
az acr import -n spokesregistry --source mcr.microsoft.com/hello-world --image hello-world:v1
az network private-endpoint create {G} -n endpoint --vnet-name hub --subnet shared --connection-name c \\
    --group-id registry --private-connection-resource-id $(az acr show -n spokesregistry --query id -o tsv)
az network private-dns zone create {G} -n {ZONE}
az network private-dns link vnet create {G} -z {ZONE} -n hub -v hub -e false
az network private-endpoint dns-zone-group create {G} --endpoint-name endpoint -n group \\
    --private-dns-zone {ZONE} --zone-name acr
az acr update -n spokesregistry --public-network-enabled false
az vm identity assign {G} -n work --role AcrPull --scope $(az acr show -n spokesregistry --query id -o tsv)
az vm run-command invoke {G} -n dns --command-id RunShellScript --scripts "{INSTALL}"
az vm run-command invoke {G} -n work --command-id RunShellScript \\
    --scripts "apt-get update; apt-get install -y docker.io"
"""


@pytest.fixture
def asked(shell, world):
    """Ask the doctor, from the spoke's VM, what is wrong. Returns: code -> the commands that it prints."""
    words = (ACRLAB, "doctor", "--world", str(world), "--registry", "spokesregistry", "--group", "spokes", "--json")
    more = ("--from-vm", "work", "--image", "hello-world:v1")

    def asked():
        told = json.loads(shell.run(shlex.join((*words, *more)), check=False).stdout)
        return {finding["code"]: finding["remedy"]["az"] for finding in told["findings"]}

    return asked


@pytest.fixture
def fixed(shell, asked):
    """Type what the doctor prints for the one thing that is wrong, and see that the registry is reached again."""

    def fixed(code):
        found = asked()
        assert list(found) == [code]
        for command in found[code]:
            shell.run(command)
        assert asked() == {}
        assert "unauthorized" in pull(shell)

    return fixed


@pytest.fixture(scope="module")
def shell(shell):
    """A hub with the endpoint, the zone and a name server, and a spoke that is not peered yet."""
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def half(local, remote, more="--allow-vnet-access"):
    return f"{PEER} create {G} -n to-{remote} --vnet-name {local} --remote-vnet {remote} {more}"


def states(shell):
    found = [
        shell.json(f"{PEER} list {G} --vnet-name {network} --query '[].[peeringState, peeringSyncLevel]'")
        for network in ("hub", "spoke")
    ]
    return [tuple(one) for halves in found for one in halves]


def on_work(shell, script):
    command = f"az vm run-command invoke {G} -n work --command-id RunShellScript --scripts {json.dumps(script)}"
    return shell.json(command)["value"][0]["message"]


def pull(shell):
    """What docker says to a pull without a sign-in: 401 is the registry's own answer, and it was reached."""
    return on_work(shell, "docker pull spokesregistry.azurecr.io/hello-world:v1")


def test_1_a_half_alone_waits_and_both_are_connected(shell):
    shell.run(half("spoke", "hub"))
    assert states(shell) == [("Initiated", "RemoteNotInSync")]

    made = shell.json(half("hub", "spoke"))

    assert (made["peeringState"], made["allowVirtualNetworkAccess"]) == ("Connected", True)
    assert states(shell) == [("Connected", "FullyInSync")] * 2
    shown = shell.json(f"{PEER} show {G} --vnet-name spoke -n to-hub")
    assert shown["remoteAddressSpace"]["addressPrefixes"] == ["10.0.0.0/16"]


def test_2_names_do_not_follow_the_peering(shell, asked):
    assert "is not allowed access" in pull(shell)
    assert list(asked()) == ["zone-not-linked"]


def test_3_by_the_hubs_name_server_the_spoke_reaches_the_endpoint(shell, asked):
    shell.run(f"az network vnet update {G} -n spoke --dns-servers 10.0.0.4")
    assert "is not allowed access" in pull(shell)  # until it asks for a lease again
    (commands,) = asked().values()
    assert commands == [f"az vm restart {LONG} --name work"]
    shell.run(commands[0])

    assert "10.0.0." in on_work(shell, "dig +short spokesregistry.azurecr.io")
    assert "unauthorized" in pull(shell)
    assert asked() == {}


def test_4_without_the_link_of_the_hub_the_public_door_refuses(shell, fixed):
    shell.run(f"az network private-dns link vnet delete {G} -z {ZONE} -n hub --yes")

    assert "is not allowed access" in pull(shell)
    fixed("zone-not-linked")


def test_5_without_the_record_there_is_no_such_name(shell, fixed):
    shell.run(f"az network private-dns record-set a delete {G} -z {ZONE} -n spokesregistry --yes")

    assert "no such host" in pull(shell)
    fixed("record-missing")


def test_6_without_the_forwarder_no_name_is_answered(shell, fixed):
    shell.run(f"{ON_SERVER} 'systemctl stop dnsmasq'")

    assert "server misbehaving" in pull(shell)
    assert "communications error to 10.0.0.4#53: timed out" in on_work(shell, "dig @10.0.0.4 spokesregistry.azurecr.io")
    fixed("name-server-silent")


def test_7_a_forwarder_that_asks_the_internet_tells_the_public_address(shell, fixed):
    elsewhere = FORWARD.replace("168.63.129.16", "198.51.100.53")
    shell.run(
        f"{ON_SERVER} \"rm /etc/dnsmasq.d/*; printf '{elsewhere}' > /etc/dnsmasq.conf; systemctl restart dnsmasq\""
    )

    assert "is not allowed access" in pull(shell)
    fixed("name-server-forwards-elsewhere")


def test_8_a_forwarder_that_is_switched_off_is_started(shell, fixed):
    shell.run(f"az vm deallocate {G} -n dns")

    assert "server misbehaving" in pull(shell)
    fixed("name-server-stopped")


def test_9_without_a_half_nothing_gets_there(shell, fixed):
    shell.run(f"{PEER} delete {G} --vnet-name hub -n to-spoke")
    assert states(shell)[0][0] == "Disconnected"
    refused = shell.run(half("hub", "spoke"), check=False)
    assert "(RemotePeeringIsDisconnected)" in refused.stderr

    assert "server misbehaving" in pull(shell)
    fixed("peering-disconnected")


def test_10_a_spoke_that_asks_azure_times_out_where_access_is_not_given(shell, fixed):
    shell.run(f"az network private-dns link vnet create {G} -z {ZONE} -n spoke -v spoke -e false")
    shell.run(f"az network vnet update {G} -n spoke --dns-servers '[]'; az vm restart {G} -n work")
    for network in ("spoke", "hub"):
        name = shell.text(f"{PEER} list {G} --vnet-name {network} --query [0].name -o tsv")
        shell.run(f"{PEER} delete {G} --vnet-name {network} -n {name}")
    shell.run(half("spoke", "hub", ""))
    made = shell.json(half("hub", "spoke"))
    assert made["peeringState"] == "Connected"
    assert shell.json(f"{PEER} show {G} --vnet-name spoke -n to-hub")["allowVirtualNetworkAccess"] is False

    assert "Client.Timeout exceeded" in pull(shell)
    fixed("peering-without-access")


def test_11_what_overlaps_and_what_is_there_twice_is_refused(shell):
    shell.run(f"az network vnet create {G} -n twin --address-prefixes 10.1.9.0/24")
    twin = shell.run(half("twin", "hub"), check=False)
    again = shell.run(half("hub", "spoke").replace("-n to-spoke", "-n again"), check=False)

    assert "(VnetAddressSpaceOverlapsWithAlreadyPeeredVnet)" in twin.stderr
    assert "Overlapping address prefixes: 10.1.9.0/24." in twin.stderr
    assert "(AnotherPeeringAlreadyReferencesRemoteVnet)" in again.stderr


def test_12_new_addresses_wait_for_a_sync(shell):
    shell.run(f"az network vnet update {G} -n hub --address-prefixes 10.0.0.0/16 10.5.0.0/16")
    assert states(shell) == [("Connected", "RemoteNotInSync"), ("Connected", "LocalNotInSync")]

    shell.run(f"{PEER} sync {G} --vnet-name spoke -n to-hub")

    assert states(shell) == [("Connected", "FullyInSync")] * 2
