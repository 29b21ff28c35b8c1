"""Services of a VM: dnsmasq as a forwarder, and what renews a lease."""

import pytest

CONFIGURED = """
apt-get update > /dev/null
cat > /etc/dnsmasq.d/forward.conf <<'END'
# to Azure's resolver
listen-address=10.0.0.4,127.0.0.1
bind-interfaces
no-resolv  # and to none else
server=168.63.129.16
END
"""


@pytest.fixture
def linked(place):
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    return place


def configure(terminal, *lines):
    text = "\n".join(lines)
    return terminal.run(f"printf '%s\\n' '{text}' > /etc/dnsmasq.conf; systemctl restart dnsmasq")


@pytest.fixture
def installed(linked, terminal):
    terminal.out("apt-get update; apt-get install -y dnsmasq 2>/dev/null")
    return terminal


def test_as_it_comes_dnsmasq_does_not_get_port_53(linked, terminal):
    outcome = terminal.run("apt-get update; apt-get install -y dnsmasq")

    assert outcome.exit_code == 0
    assert "Job for dnsmasq.service failed because the control process exited with error code." in outcome.stderr
    status = terminal.run("systemctl status dnsmasq; systemctl is-active dnsmasq")
    assert "failed to create listening socket for port 53: Address already in use" in status.stdout
    assert status.stdout.endswith("failed\n")


def test_a_forwarder_answers_the_vm_itself_and_its_peers(linked, terminal):
    linked.spoke(servers=["10.0.0.4"])
    terminal.out("mkdir -p /etc/dnsmasq.d" + CONFIGURED + "apt-get install -y dnsmasq")

    assert terminal.out("dig +short contoso.azurecr.io @127.0.0.1").splitlines()[-1] == "10.0.0.6"
    seen = terminal.run("dig +short contoso.azurecr.io; dig +short @10.0.0.4 contoso.azurecr.io", vm="outside")
    assert [line for line in seen.stdout.splitlines() if line[0].isdigit()] == ["10.0.0.6", "10.0.0.6"]


def test_a_server_that_does_not_answer_is_reported_as_dig_does(linked, terminal):
    outcome = terminal.run("dig contoso.azurecr.io @10.0.0.99")

    assert outcome.exit_code == 9
    assert ";; communications error to 10.0.0.99#53: timed out" in outcome.stdout
    assert ";; no servers could be reached" in outcome.stdout


def test_a_changed_configuration_counts_after_a_restart(installed):
    configure(installed, "interface=eth0", "bind-interfaces", "no-resolv", "server=168.63.129.16")
    installed.out("printf 'bind-interfaces\\nno-resolv\\n' > /etc/dnsmasq.conf")
    assert installed.out("dig +short contoso.azurecr.io @10.0.0.4").splitlines()[-1] == "10.0.0.6"

    installed.out("systemctl restart dnsmasq")

    assert "status: REFUSED" in installed.out("dig contoso.azurecr.io @10.0.0.4")


def test_without_servers_of_its_own_it_asks_those_of_the_vm(installed):
    assert configure(installed, "bind-dynamic").exit_code == 0
    assert installed.out("dig +short contoso.azurecr.io @10.0.0.4").splitlines()[-1] == "10.0.0.6"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            ("no-resolv", "server=168.63.129.16"),
            "failed to create listening socket for port 53: Address already in use",
        ),
        (("bind-interfaces", "server=azure"), "bad option at line 2 of /etc/dnsmasq.conf"),
        (("bind-interfaces", "address=/a.b/10.0.0.1"), "not emulated: address at line 2 of /etc/dnsmasq.conf"),
        (("bind-interfaces", "server=10.0.0.9#5353"), "not emulated: a server's port 5353"),
        (("bind-interfaces", "server=/azurecr.io/"), "not emulated: a domain without a server"),
        (
            ("bind-interfaces", "listen-address=10.9.9.9"),
            "failed to create listening socket for 10.9.9.9: Cannot assign requested address",
        ),
    ],
)
def test_what_it_cannot_start_with_is_named(installed, lines, reason):
    assert configure(installed, *lines).exit_code == 1
    assert reason in installed.run("systemctl status dnsmasq").stdout
    assert installed.run("dig contoso.azurecr.io @10.0.0.4").exit_code == 9


def test_it_listens_where_it_is_told_to(installed, linked):
    linked.vm("near", "10.0.0.8")
    configure(installed, "bind-interfaces", "listen-address=127.0.0.1")

    assert installed.out("dig +short contoso.azurecr.io @127.0.0.1")
    assert installed.run("dig contoso.azurecr.io @10.0.0.4", vm="near").exit_code == 9


def test_it_is_stopped_and_removed(installed):
    configure(installed, "bind-interfaces")
    installed.out("systemctl stop dnsmasq")
    assert installed.run("systemctl is-active dnsmasq").stdout == "inactive\n"
    assert installed.run("dig contoso.azurecr.io @10.0.0.4").exit_code == 9

    installed.out("systemctl start dnsmasq; systemctl is-active dnsmasq; apt-get remove -y dnsmasq")
    assert installed.run("systemctl status dnsmasq").exit_code == 4
    assert installed.run("dig contoso.azurecr.io @10.0.0.4").exit_code == 9


@pytest.mark.parametrize("command", ["netplan apply", "dhclient -r; dhclient", "systemctl restart systemd-networkd"])
def test_a_vm_takes_new_name_servers_when_its_lease_is_renewed(linked, terminal, command):
    linked.put("Microsoft.Compute/virtualMachines", "vm", state={"servers": ["168.63.129.16"]}, properties=body(linked))
    linked.network(servers=["10.0.0.99"])
    assert terminal.out("dig +short contoso.azurecr.io")

    outcome = terminal.run(f"sudo {command.replace('; ', '; sudo ')}; dig contoso.azurecr.io")

    assert "status: SERVFAIL" in outcome.stdout


def test_only_root_renews_a_lease(terminal):
    outcome = terminal.run("sudo -u azureuser netplan apply")

    assert (outcome.exit_code, outcome.stderr) == (1, "netplan: Operation not permitted\n")


def body(place):
    return place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")).properties
