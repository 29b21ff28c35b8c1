"""What a snapshot names: its ids, and whether every id, address and host in it can be one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

LONGEST = 2000
NOT_UP = r"(?!\.+(?:/|$))"  # no part of a path is dots alone
ID = re.compile(
    rf"/subscriptions/[\w-]{{1,64}}(/resourceGroups/{NOT_UP}[\w.()-]{{1,90}}"
    rf"(/providers/[\w.]{{1,64}}(/[\w.-]{{1,64}}/{NOT_UP}[\w.@()-]{{1,128}})+)?)?",
    re.IGNORECASE | re.ASCII,
)
HOST = re.compile(r"[a-z0-9_*@]([a-z0-9_.*-]{0,253}[a-z0-9])?\.?", re.IGNORECASE | re.ASCII)
NAME = re.compile(rf"{NOT_UP}[\w.()-]{{1,90}}", re.ASCII)
REGION = re.compile(r"[a-z0-9]{1,50}", re.ASCII)
TASK = re.compile(r"[\w-]{1,50}", re.ASCII)
IMAGE = re.compile(r"[\w./-]{1,200}(:[\w.-]{1,128})?(@sha256:[0-9a-f]{64})?", re.ASCII)
POD = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?", re.ASCII)
BYPASS = re.compile(r"[\w.*:/\[\]-]{1,253}", re.ASCII)
PROXY = re.compile(r"https?://[\w.:/\[\]-]{1,200}", re.ASCII)


def ids_in(thing: Any) -> list[str]:
    """List every id in a snapshot, or in a part of it, once."""
    told = (text for where, text in _texts(thing, "") if text.startswith("/subscriptions/") and "unseen" not in where)
    return list(dict.fromkeys(told))


def wrong_part(thing: Any) -> str:
    """Name the first part of a snapshot that can't be what it has to be, with what stands there; empty: none."""
    for where, text in _texts(thing, ""):
        if len(text) > LONGEST or not text.replace("\n", " ").isprintable():
            return f"{where}: longer than {LONGEST} characters, or not printable"
        if text and not _fits(where, text):
            return f"{where}: {text[:60]!r}"
    return ""


def _texts(thing: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(thing, str):
        yield where, thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _texts(part, where)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _texts(getattr(thing, field.name), f"{where}.{field.name}" if where else field.name)


def _fits(where: str, text: str) -> bool:
    last = where.rpartition(".")[2]
    if where.startswith("unseen"):
        return True
    if where in FORMS:
        return FORMS[where](text)
    if text.startswith("/") or last in IDS or where in PLACES:
        return ID.fullmatch(text) is not None
    return FORMS.get(last, _anything)(text)


def _anything(text: str) -> bool:
    return True


def _by(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _prefix(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


GROUPS = {"application_groups", "source_groups", "destination_groups"}
IDS = {"outbound", "id", "remote", "target", "subnet", "security_group", "route_table", "nat_gateway", "zone", *GROUPS}
PLACES = {
    "subject.network",
    "subject.names.network",
    "registry.connections.endpoint",
    "endpoints.network",
    "zones.links.network",
    "name_servers.network",
    "name_servers.inbound",
    "resolvers.network",
    "rulesets.links.network",
    "registry.subnet_rules",
    "name_servers.vm",
    "vm.network",
    "clusters.network",
    "subject.cluster",
}
FORMS: dict[str, Callable[[str], bool]] = {
    "subject.names.zone": _by(HOST),
    "subject.names.subnet": _by(NAME),
    "subject.image": _by(IMAGE),
    "subject.subscription": _by(NAME),
    "subject.resource_group": _by(NAME),
    "subject.registry": _by(NAME),
    "unregistered": _by(NAME),
    "zones.name": _by(HOST),
    "zones.records.name": _by(HOST),
    "registry.login_server": _by(HOST),
    "registry.region": _by(REGION),
    "registry.replicas.region": _by(REGION),
    "registry.tasks": _by(TASK),
    "registry.data_hosts": _by(HOST),
    "registry.regional_hosts": _by(HOST),
    "host": _by(HOST),
    "hosts": _by(HOST),
    "name": _by(NAME),
    "interface": _by(NAME),
    "address": _address,
    "public_address": _address,
    "dns_servers": _address,
    "next_hop_address": _address,
    "prefixes": _prefix,
    "network_prefix": _prefix,
    "subnet_prefix": _prefix,
    "rulesets.rules.domain": lambda text: text == "." or HOST.fullmatch(text) is not None,
    "rulesets.rules.targets": _address,
    "zones.records.values": _by(HOST),
    "vm_view.answers.name": _by(HOST),
    "vm_view.answers.zone": _by(HOST),
    "vm_view.answers.records.name": _by(HOST),
    "vm_view.answers.records.value": _by(HOST),
    "vm_view.pinned": _by(HOST),
    "vm_view.used": _by(HOST),
    "vm_view.nameservers": _address,
    "vm_view.servers": _address,
    "vm_view.daemon_proxy": _by(PROXY),
    "vm_view.daemon_bypass": _by(BYPASS),
    "clusters.waiting.name": _by(POD),
    "clusters.waiting.image": _by(IMAGE),
    "clusters.waiting.container": _by(POD),
    "clusters.waiting.workload": _by(POD),
    "clusters.pools.name": _by(NAME),
    "clusters.pools.mode": _by(NAME),
    "clusters.node_group": _by(NAME),
}
