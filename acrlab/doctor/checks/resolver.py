"""Check that the caller gets the zone's answer, and nothing overrides the name before."""

from __future__ import annotations

import shlex

from acrlab.azure.cloud import AZURE_RESOLVER, label_of
from acrlab.azure.dns_answer import Answer
from acrlab.doctor import az
from acrlab.doctor.checks.hub.rulesets import explains, inbound_gone
from acrlab.doctor.checks.name_server import CHECKS as SERVERS
from acrlab.doctor.checks.name_server import not_taken_up
from acrlab.doctor.facts import addresses_for, hosts, is_right_on_vm, linked_zones, private_zones, served
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import custom_servers, name_server
from acrlab.snapshot import Snapshot

CUSTOM = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration"
NAMES = "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"
PROXY = "https://docs.docker.com/engine/daemon/proxy/"


def custom_dns(snapshot: Snapshot) -> Finding | None:
    """Custom name servers know private zones only if they forward to Azure's resolver."""
    servers, network = custom_servers(snapshot), snapshot.network
    if not servers or network is None or is_right_on_vm(snapshot) or not_taken_up(snapshot):
        return None
    if name_server(snapshot) is not None or inbound_gone(snapshot) or any(s.inbound for s in snapshot.name_servers):
        return None  # a VM or a resolver that was seen: there are better questions about it
    vm = snapshot.vm
    own = bool(vm and vm.dns_servers)
    commands = [_reset(snapshot, own=own)]
    if vm and vm.power == "running":
        group, name = az.place(vm.id)
        commands.append(az.az("vm restart", resource_group=group, name=name))
    view = snapshot.vm_view
    answers = tuple(f"{vm.name if vm else ''} asked for {_told(a)}" for a in (view.answers if view else ())[:2])
    return Finding(
        code="custom-dns",
        severity="error" if view else "warning",
        title=f"{vm.name if own and vm else network.name} asks {', '.join(servers)}, not Azure's resolver.",
        evidence=(f"name servers: {', '.join(servers)}", *answers),
        why=f"{FORWARDING} {TAKEN_UP if view else UNTRIED}",
        # Servers that may well forward are not taken from a network by a guess.
        remedy=Remedy(tuple(commands), "acrlab.remedies.use_azure_resolver(lab)") if view else Remedy(),
        source=CUSTOM,
    )


FORWARDING = (
    f"Private zones are known to {AZURE_RESOLVER}, Azure's resolver. Any other DNS server must be in a network that is "
    "linked to the zone, and forward azurecr.io there. Otherwise clients get the public address, or none."
)
TAKEN_UP = (
    "VMs take up the change when they start, and lose every other name that the server has told them: where they need "
    "it, let it forward azurecr.io instead."
)
UNTRIED = (
    "Whether it does so was not seen: look from a VM in the network, with --from-vm, before you change anything. A "
    "firewall's DNS proxy or a company's own server is needed for other names, too."
)


def _reset(snapshot: Snapshot, *, own: bool) -> str:
    vm, network = snapshot.vm, snapshot.network
    if own and vm:
        group, _ = az.place(vm.id)
        return f"{az.az('network nic update', resource_group=group, name=vm.interface)} --dns-servers '[]'"
    group, name = az.place(network.id if network else "")
    return f"{az.az('network vnet update', resource_group=group, name=name)} --dns-servers '[]'"


def _told(answer: Answer) -> str:
    return f"{answer.name} and was told {', '.join(answer.addresses) or answer.status}"


def pinned(snapshot: Snapshot) -> Finding | None:
    """A line in `/etc/hosts` goes before every resolver."""
    view, vm, registry = snapshot.vm_view, snapshot.vm, snapshot.registry
    if view is None or vm is None or registry is None:
        return None
    wrong = [(h, a) for h, a in view.pinned if h in hosts(registry) and a not in addresses_for(snapshot, h)]
    if not wrong:
        return None
    kept = " | ".join(f"grep -vwF {shlex.quote(host)}" for host in dict.fromkeys(h for h, _ in wrong))
    script = f"cat /etc/hosts | {kept} > /etc/hosts.new; cp /etc/hosts.new /etc/hosts"
    return Finding(
        code="hosts-file-pins-name",
        severity="error",
        title=f"/etc/hosts on {vm.name} pins {', '.join(h for h, _ in wrong)}.",
        evidence=tuple(f"/etc/hosts: {a} {h}; the endpoint holds {_right(snapshot, h)} for it" for h, a in wrong),
        why="Programs read that file before they ask a resolver: dig shows one address, but docker uses another.",
        remedy=Remedy(
            (az.run_on(vm.id, script),),
            f"acrlab.run_on_vm(lab, {script!r})",
        ),
        source=NAMES,
    )


def _right(snapshot: Snapshot, host: str) -> str:
    return ", ".join(addresses_for(snapshot, host)) or "nothing"


def daemon_proxy(snapshot: Snapshot) -> Finding | None:
    """A daemon behind a proxy resolves nothing itself: the proxy does, from where it is."""
    view, vm, registry = snapshot.vm_view, snapshot.vm, snapshot.registry
    if view is None or vm is None or registry is None or not view.daemon_proxy:
        return None
    proxied = [host for host in hosts(registry) if not any(_covers(name, host) for name in view.daemon_bypass)]
    if not proxied:
        return None
    bypass = ",".join((*view.daemon_bypass, *proxied))
    line = shlex.quote(f'Environment="NO_PROXY={bypass}"')
    script = (
        f"mkdir -p {SERVICE}; printf '[Service]\\n%s\\n' {line} > {SERVICE}/zz-{registry.name}.conf; "
        "systemctl daemon-reload; systemctl restart docker"
    )
    return Finding(
        code="daemon-uses-proxy",
        severity="warning",
        title=f"The docker daemon on {vm.name} asks a proxy for {', '.join(proxied)}.",
        evidence=(f"proxy: {view.daemon_proxy}", f"NO_PROXY: {','.join(view.daemon_bypass) or 'none'}"),
        why=(
            "With a proxy the daemon asks no resolver: the proxy does, from where it is, most often the internet. "
            "curl and dig on the VM work, docker pull is refused or hangs. The daemon decides by the name alone: "
            "NO_PROXY has to name the registry and each of its data endpoints. The commands add them and leave the "
            "proxy for everything else; a no-proxy in /etc/docker/daemon.json goes before and has to be added to there."
        ),
        remedy=Remedy(
            (az.run_on(vm.id, script),),
            f"acrlab.run_on_vm(lab, {script!r})",
        ),
        source=PROXY,
    )


SERVICE = "/etc/systemd/system/docker.service.d"


def _covers(name: str, host: str) -> bool:
    """Say whether an entry of NO_PROXY is for a host: the name, a domain that it lies in, or all.

    Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
    """
    domain = name.lower().lstrip("*").lstrip(".")
    return name == "*" or (bool(domain) and f".{host}".endswith(f".{domain}"))


def answers_differ(snapshot: Snapshot) -> Finding | None:
    """Everything is set up as it should be, and the VM gets another answer all the same."""
    view, vm, registry = snapshot.vm_view, snapshot.vm, snapshot.registry
    zones = [z for z in private_zones(snapshot) if z in linked_zones(snapshot)]
    if view is None or vm is None or registry is None or not zones or custom_servers(snapshot):
        return None
    if not registry.connections or not_taken_up(snapshot):
        return None  # without any, the public name has no alias into the zone
    if explains(snapshot):
        return None
    recorded = {r.name: r.values for z in zones for r in z.records or () if r.type == "A"}
    right = served(snapshot)
    odd = [
        a
        for a in view.answers
        if set(recorded.get(label_of(a.name), ())) & set(right.get(a.name, ()))
        and not set(a.addresses) & set(right[a.name])
    ]
    if not odd or len(linked_zones(snapshot)) != len(zones):
        return None
    script = "; ".join(("resolvectl flush-caches", *(f"dig +noall +answer {a.name}" for a in odd)))
    calls = (f"acrlab.remedies.await_answer(lab, {a.name!r}, {right[a.name][0]!r})" for a in odd)
    return Finding(
        code="vm-answers-differ",
        severity="error",
        title=f"{vm.name} gets answers that differ from its network's zone.",
        evidence=(
            *(f"{vm.name} asked for {_told(a)}; the zone says {_right(snapshot, a.name)}" for a in odd),
            *(f"that answer for {a.name} may be kept for {a.kept_s} s more" for a in odd if a.kept_s),
            f"nameserver in /etc/resolv.conf: {', '.join(view.nameservers) or 'none'}",
        ),
        why=(
            "The network's resolver keeps an older answer for as long as its TTL says, or what was changed is not seen "
            "yet: then waiting is enough. Or the VM has servers of its own."
        ),
        remedy=Remedy((az.run_on(vm.id, script),), "; ".join(calls)),
        source=NAMES,
    )


CHECKS = (
    Check(
        "name-servers", "Do the clients ask Azure's resolver?", custom_dns, ("networks",), about=("registry", "network")
    ),
    *SERVERS,
    Check("hosts-file", "Does no file on the VM go before the resolver?", pinned, about=("registry", "view")),
    Check(
        "vm-answers",
        "Does the VM get the zone's answer?",
        answers_differ,
        ("zones", "records", "links"),
        about=("registry", "view", "zone"),
    ),
    Check("docker-daemon", "Does the docker daemon resolve names itself?", daemon_proxy, about=("view",)),
)
