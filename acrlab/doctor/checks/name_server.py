"""Check a VM that is the caller's name server: that it runs, answers, and asks Azure's resolver."""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER, label_of
from acrlab.doctor import az
from acrlab.doctor.facts import hosts, is_right_on_vm, linked_zones, private_zones, record_in, served, zone_name
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import closed_ways, custom_servers, name_server
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import NameServer

FORWARD = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration"
RENEW = "https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances"
ON = ("running", "starting", "unknown", "")


def stopped(snapshot: Snapshot) -> Finding | None:
    """A name server that is switched off takes all names with it."""
    server = _suspect(snapshot)
    if server is None or server.power in ON:
        return None
    group, name = az.place(server.vm)
    return Finding(
        code="name-server-stopped",
        severity="error",
        title=f"The name server {server.address}, {name}, is not running.",
        evidence=(f"power state of {name}: {server.power}", *_answers(snapshot)),
        why="A client asks only the servers that its network names. Without an answer no name resolves.",
        remedy=Remedy(
            (az.az("vm start", resource_group=group, name=name),), f"acrlab.remedies.start_machine(lab, {server.vm!r})"
        ),
        source=FORWARD,
    )


def silent(snapshot: Snapshot) -> Finding | None:
    """The VM runs, and nothing on it answers."""
    server, view = _suspect(snapshot), snapshot.vm_view
    if server is None or view is None or server.power not in ON or not view.answers:
        return None
    if any(a.addresses or a.status == "NXDOMAIN" for a in view.answers):
        return None
    name = server.vm.rpartition("/")[2]
    return Finding(
        code="name-server-silent",
        severity="error",
        title=f"The name server {server.address}, {name}, does not answer.",
        evidence=(f"power state of {name}: {server.power}", *_answers(snapshot)),
        why=(
            "No server runs on it, it listens to its own subnet alone, it has no server to ask, or a security group "
            "drops port 53. The commands let dnsmasq listen on the network and ask Azure's resolver for the registry."
        ),
        remedy=_run(server, snapshot, installing=True),
        source=FORWARD,
    )


def forwards_elsewhere(snapshot: Snapshot) -> Finding | None:
    """It answers, and not what its own network's zone says: so it asks another server."""
    server, view = _suspect(snapshot), snapshot.vm_view
    zone = next((z for z in linked_zones(snapshot) if z in private_zones(snapshot)), None)
    if server is None or view is None or zone is None or server.power not in ON:
        return None
    right = served(snapshot)
    odd = [
        a
        for a in view.answers
        if (record := record_in(zone, label_of(a.name)))
        and set(record.values) & set(right.get(a.name, ()))
        and not set(a.addresses) & set(record.values)
    ]
    if not odd or silent(snapshot):
        return None
    name = server.vm.rpartition("/")[2]
    return Finding(
        code="name-server-forwards-elsewhere",
        severity="error",
        title=f"The name server {server.address}, {name}, does not ask {AZURE_RESOLVER} for the registry's names.",
        evidence=(
            f"{zone.name} is linked to {server.network.rpartition('/')[2]}, where {name} stands",
            *(f"{_told(a.name, a.addresses, a.status)}; the zone says {', '.join(right[a.name])}" for a in odd),
        ),
        why=(
            f"Private zones are known to {AZURE_RESOLVER} alone. Any other DNS server has to forward the public name, "
            "azurecr.io, there: the server that is asked for it gives the whole chain, so that a rule for "
            f"{zone_name(snapshot)} comes too late. The commands are for dnsmasq; others have a rule of the same kind."
        ),
        remedy=_run(server, snapshot, installing=False),
        source=FORWARD,
    )


def not_taken_up(snapshot: Snapshot) -> Finding | None:
    """A VM keeps the servers that DHCP told it until it asks again."""
    vm, view = snapshot.vm, snapshot.vm_view
    configured = custom_servers(snapshot) or (AZURE_RESOLVER,)
    if vm is None or view is None or not view.servers or is_right_on_vm(snapshot):
        return None
    if set(view.servers) == set(configured):
        return None
    group, name = az.place(vm.id)
    return Finding(
        code="name-servers-not-taken-up",
        severity="error",
        title=f"{name} still asks {', '.join(view.servers)}.",
        evidence=(f"set up: {', '.join(configured)}", f"{name} asks: {', '.join(view.servers)}", *_answers(snapshot)),
        why=(
            "A running VM keeps its name servers until its lease is renewed or it is restarted. Where that changes "
            "nothing, a file in /etc/netplan names them."
        ),
        remedy=Remedy(
            (az.az("vm restart", resource_group=group, name=name),), f"acrlab.remedies.restart_machine(lab, {vm.id!r})"
        ),
        source=RENEW,
    )


def _suspect(snapshot: Snapshot) -> NameServer | None:
    """The caller's name server, where nothing else explains that answers are not right, and they are not."""
    server, view = name_server(snapshot), snapshot.vm_view
    if server is None or not custom_servers(snapshot) or is_right_on_vm(snapshot) or not_taken_up(snapshot):
        return None
    if any(same(way.id, server.network) for way in closed_ways(snapshot)):
        return None
    return server if view is not None or server.power not in ON else None


def _answers(snapshot: Snapshot) -> list[str]:
    registry, view = snapshot.registry, snapshot.vm_view
    asked = hosts(registry) if registry else ()
    return [_told(a.name, a.addresses, a.status) for a in (view.answers if view else ()) if a.name in asked][:2]


def _told(name: str, addresses: tuple[str, ...], status: str) -> str:
    return f"asked for {name}, it told {', '.join(addresses) or status}"


def _run(server: NameServer, snapshot: Snapshot, *, installing: bool) -> Remedy:
    """Add what a forwarder lacks to its configuration, and start it again; what stands there stays."""
    domain = zone_name(snapshot).partition(".")[2]
    lines = ["bind-interfaces", "interface=eth0"] if installing else []
    text = "".join(f"{line}\\n" for line in (*lines, f"server=/{domain}/{AZURE_RESOLVER}"))
    installed = "command -v dnsmasq > /dev/null || (apt-get update; apt-get install -y dnsmasq); " if installing else ""
    script = f"{installed}printf '{text}' > /etc/dnsmasq.d/{domain}.conf; systemctl restart dnsmasq"
    return Remedy((az.run_on(server.vm, script),), f"acrlab.remedies.run_on_machine(lab, {server.vm!r}, {script!r})")


CHECKS = (
    Check(
        "servers-taken-up",
        "Does the VM ask the configured servers?",
        not_taken_up,
        ("networks",),
        about=("registry", "network", "servers-seen"),
    ),
    Check(
        "name-server-runs",
        "Is the VM that is the name server running?",
        stopped,
        ("networks", "name-servers"),
        about=("registry", "network", "name-server"),
    ),
    Check(
        "name-server-answers",
        "Does it answer?",
        silent,
        ("networks", "name-servers"),
        about=("registry", "name-server", "view"),
    ),
    Check(
        "name-server-forwards",
        "Does it ask Azure's resolver?",
        forwards_elsewhere,
        ("networks", "name-servers", "zones", "links", "records"),
        about=("registry", "name-server", "view"),
    ),
)
