"""Read a VM, and those that are its name servers; and run on it what shows the view from inside.

That is names, files that override them, and the data path. Nothing on the VM changes but its cache of names, which is
emptied. Tokens stay there: what comes back are states, addresses and names.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from acrlab.azure.cloud import AZURE_RESOLVER, ROLES, label_of
from acrlab.azure.dns_answer import Answer
from acrlab.azure.sdk_http import management_of
from acrlab.doctor.observe.network import ids_of
from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.vm_script import data_path_script, names_script, settings_script
from acrlab.lab.memory import sample_image
from acrlab.snapshot import Unseen
from acrlab.snapshot.ids import BYPASS
from acrlab.snapshot.network import NameServer, Network, Resolver
from acrlab.snapshot.registry import Registry
from acrlab.snapshot.vm import VM, Probe, VMView
from acrlab.steps.run_command import Outcome, parse_dig, run_on_vm

INTERFACE_TYPE = "Microsoft.Network/networkInterfaces"
NAMES_AT_ONCE = 4  # run-command hands back the last 4,096 bytes; a name takes 500 to 1,000, all else less than one
NO_DIG = "dig is not on it, so that its resolver's answers can't be seen: sudo apt-get install bind9-dnsutils"
Section = tuple[str, str]  # its headline, and what follows it
HEADLINE = re.compile(r"^=== (.+)$", re.MULTILINE)
NO_PROXY = re.compile(r"no-proxy\"\s*:\s*\"([^\"]*)\"|no_proxy=([^\s\"']*)", re.IGNORECASE)  # daemon.json's; systemd's
PROXY = re.compile(r"https?[_-]prox(?:y|ies)\"?\s*[=:]\s*\"?(https?://[^\s\"]+)", re.IGNORECASE)


def see_vm(reader: Reader, id: str, registry: Registry | None) -> VM | None:
    """Read a VM, and what its identity may do with the registry."""
    found = _machine(reader, "vm", id)
    if found is None:
        return None
    properties = found["properties"]
    references = properties["networkProfile"]["networkInterfaces"]
    first = next((r for r in references if (r.get("properties") or {}).get("primary")), references[0])["id"]
    interface = reader.at("vm", first)
    settings = interface["properties"] if interface else {}
    configuration = settings["ipConfigurations"][0]["properties"] if settings else {}
    subnet = (configuration.get("subnet") or {}).get("id", "")
    identity = (found.get("identity") or {}).get("principalId") or ""
    return VM(
        id=found["id"],
        name=found["name"],
        network=subnet.rpartition("/subnets/")[0],
        subnet=subnet,
        address=configuration.get("privateIPAddress") or "",
        public_address=_public_address(reader, configuration),
        power=_power(found),
        identity=identity,
        dns_servers=tuple((settings.get("dnsSettings") or {}).get("dnsServers") or ()),
        security_group=(settings.get("networkSecurityGroup") or {}).get("id", ""),
        interface=first.rpartition("/")[2],
        roles=roles_of(reader, registry.id, identity) if registry and identity else (),
        application_groups=ids_of(configuration.get("applicationSecurityGroups")),
    )


def _machine(reader: Reader, what: str, id: str) -> dict[str, Any] | None:
    return reader.at(what, id, **{"$expand": "instanceView"})


def _power(machine: dict[str, Any] | None) -> str:
    view = (machine["properties"].get("instanceView") or {}) if machine else {}
    states = [s["code"] for s in view.get("statuses") or []]
    return next((s.partition("/")[2] for s in states if s.startswith("PowerState/")), "unknown")


def _public_address(reader: Reader, configuration: dict[str, Any]) -> str:
    reference = configuration.get("publicIPAddress")
    found = reader.at("vm", reference["id"]) if reference else None
    return str(found["properties"].get("ipAddress") or "") if found else ""


def roles_of(reader: Reader, registry: str, principal: str) -> tuple[str, ...] | None:
    """Name the roles of a principal on a registry, there or above it; None: they could not be read."""
    path = f"{registry}/providers/Microsoft.Authorization/roleAssignments"
    found = reader.members("roles", path, **{"$filter": f"atScope() and assignedTo('{principal}')"})
    if found is None:
        return None
    guids = [a["properties"]["roleDefinitionId"].rpartition("/")[2].lower() for a in found]
    return tuple(sorted({ROLES.get(guid, guid) for guid in guids}))


# -- name servers of one's own -----------------------------------------------------------------------------------------


def name_servers(
    reader: Reader,
    vm: VM | None,
    network: Network | None,
    near: Iterable[Network],
    resolvers: Iterable[Resolver] = (),
) -> list[NameServer]:
    """Read the VMs behind the servers that a VM, or else its network, is set up with; without any nothing is read.

    Args:
        near: networks that a server may stand in; the clients' own goes first.
    """
    given = (vm.dns_servers if vm else ()) or (network.dns_servers if network else ())
    own = [s for s in given if s != AZURE_RESOLVER]
    if not own:
        return []
    places = [n for n in (network, *near) if n is not None]
    interfaces = reader.everywhere("name-servers", INTERFACE_TYPE)
    inbound = {(r.network.lower(), e.address): e.id for r in resolvers for e in r.inbound or ()}
    return [_server(reader, address, places, interfaces, inbound) for address in own]


def _server(
    reader: Reader, address: str, places: list[Network], interfaces: list[Any], inbound: dict[tuple[str, str], str]
) -> NameServer:
    network = next((n.id for n in places if _holds(n, address)), "")
    held = (i["properties"].get("virtualMachine") for i in interfaces if network and _has(i, address, network))
    vm = next((str(reference["id"]) for reference in held if reference), "")
    power = _power(_machine(reader, "name-servers", vm)) if vm else ""
    return NameServer(address, network, vm, power, inbound.get((network.lower(), address), ""))


def _holds(network: Network, address: str) -> bool:
    at = ipaddress.ip_address(address)
    return any(at in ipaddress.ip_network(prefix) for prefix in network.prefixes)


def _has(interface: dict[str, Any], address: str, network: str) -> bool:
    """Say whether an interface has an address in a network: the same address may stand in others, too."""
    held = [c["properties"] for c in interface["properties"].get("ipConfigurations") or []]
    return any(
        c.get("privateIPAddress") == address
        and ((c.get("subnet") or {}).get("id") or "").lower().startswith(f"{network.lower()}/subnets/")
        for c in held
    )


# -- the view from inside ----------------------------------------------------------------------------------------------


def view_from(reader: Reader, vm: VM, hosts: tuple[str, ...], path: str) -> VMView | None:
    """Run on the VM what shows its settings, every host's name and the data path, in as few scripts as have room.

    Args:
        path: script of the data path.
    """
    # The hosts before the data path: that is how a client meets them.
    parts = [hosts[i : i + NAMES_AT_ONCE] for i in range(0, len(hosts), NAMES_AT_ONCE)]
    seen: list[Section] = []
    for number, part in enumerate(parts, start=1):
        told = _look(reader, vm, part, settings=number == 1, path=path if number == len(parts) else "")
        if told is None:
            return None
        seen += told
    if ("lacks dig", "") in seen:
        reader.unseen.append(Unseen("vm-view", vm.id, "", NO_DIG))
    return _view(seen)


def image_path(reader: Reader, registry: Registry) -> str:
    """Write the script of the sample image's way from a registry."""
    return data_path_script(registry.login_server, sample_image(reader.lab), management_of(reader.lab.settings.cloud))


def _look(
    reader: Reader, vm: VM, hosts: tuple[str, ...], *, settings: bool = False, path: str = ""
) -> list[Section] | None:
    """Run one script. Of an output that was too long the beginning is missing: what that was is asked for again."""
    scripts = (settings_script() if settings else "", names_script(hosts) if hosts else "", path)
    outcome = _run(reader, vm, "\n".join(script for script in scripts if script))
    if outcome is None:
        return None
    seen = list(_sections(outcome.stdout))
    told = {headline for headline, _ in seen}
    cut = tuple(host for host in hosts if f"answer {host}" not in told)
    lost = settings and "hosts" not in told
    whole = not cut and not lost
    would_repeat_itself = not path and (cut, lost) == (hosts, settings)
    if whole or not told or would_repeat_itself:
        return seen
    again = _look(reader, vm, cut, settings=lost)
    twice = {f"used {host}" for host in cut}
    return None if again is None else [*again, *((headline, text) for headline, text in seen if headline not in twice)]


def _run(reader: Reader, vm: VM, script: str) -> Outcome | None:
    return reader.tried("vm-view", vm.id, lambda: run_on_vm(reader.lab, script, check=False, vm=vm.id))


def _sections(text: str) -> Iterator[Section]:
    """Take a script's output apart: headline -> what follows it."""
    pieces = HEADLINE.split(text)
    yield from zip(pieces[1::2], (piece.strip("\n") for piece in pieces[2::2]), strict=True)


def _view(seen: list[Section]) -> VMView:
    answers: list[Answer] = []
    used: list[tuple[str, str]] = []
    probes: list[Probe] = []
    settings: dict[str, str] = {}
    for headline, text in seen:
        kind, _, subject = headline.partition(" ")
        if kind == "answer" and ("lacks dig", "") not in seen:
            answers.append(parse_dig(subject, text))
        elif kind == "used":
            used.append((subject, text.split()[0] if text.split() else ""))
        elif kind == "probe":
            probes.append(_probe(*subject.split(), text=text))
        else:
            settings[kind] = text
    daemon = settings.get("daemon", "")
    proxy = PROXY.search(daemon)
    return VMView(
        answers=tuple(answers),
        pinned=tuple(_pinned(settings.get("hosts", ""))),
        used=tuple(used),
        nameservers=_servers(settings.get("resolvers", "")),
        servers=_servers(settings.get("servers", "")),
        daemon_proxy=proxy[1].rpartition("@")[2] if proxy else "",  # whatever stands before an @ is a secret
        probes=tuple(probes),
        daemon_bypass=_bypassed(daemon),
    )


def _bypassed(daemon: str) -> tuple[str, ...]:
    """List what the daemon asks no proxy for: as daemon.json says, else the last of systemd's files.

    Source: https://docs.docker.com/engine/daemon/proxy/
    """
    found = NO_PROXY.findall(daemon)
    text = next((own for own, _ in found if own), found[-1][1] if found else "")
    return tuple(name.strip() for name in text.split(",") if BYPASS.fullmatch(name.strip()))


def _servers(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE))


def _pinned(hosts: str) -> Iterator[tuple[str, str]]:
    for line in hosts.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        yield from ((name.lower(), address) for name in names if label_of(name.lower()) != name.lower())


def _probe(step: str, host: str, *, text: str) -> Probe:
    """Read `STATUS ADDRESS URL`, the last two as far as there are any, and before it what curl said."""
    lines = text.splitlines()
    words = next((line.split() for line in reversed(lines) if line[:3].isdigit()), ["0"])
    reached = next((urlsplit(w).hostname for w in words if "://" in w), None)
    address = next((w for w in words[1:] if "://" not in w), "")
    problem = next((line for line in lines if line.startswith("curl:")), "")
    return Probe(step, reached or host, int(words[0]), address, problem)
