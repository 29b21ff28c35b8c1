"""What a private zone says of a name: its own records, those of registered VMs, and its wildcards, in that order."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.azure.dns_answer import Record
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.resource import CREATING, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import reachability
from acrlab.emulator.types.dns.private_dns_zone import AUTHORITY, RECORD_KINDS
from acrlab.emulator.types.network.network_interface import VM_TYPE

REGISTERED_S = 10  # how long a registered VM's record may be kept
# Source: Azure DNS FAQ, changes "typically take effect within 60 seconds"
LATE_S = 60


def in_zone(world: World, zone: ArmId, name: str) -> tuple[list[Record], bool]:
    """Find the records of a name in a zone; and whether the zone has the name at all, with records of any kind."""
    label = name.removesuffix(zone.name.lower()).rstrip(".") or "@"
    own = _set_at(world, zone, label, name)
    if own or _exists(world, zone, label):
        return own, True
    registered = _registered(world, zone, label)
    if registered:
        return [Record(name, "A", registered, REGISTERED_S)], True
    return _wild(world, zone, label, name)


def negative_s(world: World, zone: ArmId) -> int:
    """Tell the seconds that a "no" of this zone may be kept. Source: RFC 2308, 5."""
    soa = world.find(zone.child("SOA", "@"))
    minimum = int((soa.properties["soaRecord"] if soa else AUTHORITY)["minimumTtl"])
    return min(soa.properties["ttl"], minimum) if soa else minimum


def _written(world: World, id: ArmId) -> Resource | None:
    """The record set with this id, once it counts."""
    found = world.find(id)
    return found if found and counts(world, found) else None


def counts(world: World, made: Resource, after_s: float = 0) -> bool:
    """Tell whether name servers know of something that was made."""
    return world.setting("timing") == "instant" or world.now >= made.created + after_s + LATE_S


def _set_at(world: World, zone: ArmId, label: str, owner: str) -> list[Record]:
    alias = _written(world, zone.child("CNAME", label))
    target = alias.properties.get("cnameRecord", {}).get("cname", "") if alias else ""
    if alias and target:
        return [Record(owner, "CNAME", target.lower().rstrip("."), alias.properties["ttl"])]
    found = _written(world, zone.child("A", label))
    if found is None:
        return []
    return [Record(owner, "A", r["ipv4Address"], found.properties["ttl"]) for r in found.properties["aRecords"]]


def _exists(world: World, zone: ArmId, label: str) -> bool:
    """A set without records is not served. Source: Azure DNS, "record sets with no records do not appear"."""
    sets = [_written(world, zone.child(kind, label)) for kind in RECORD_KINDS]
    return label == "@" or any(s is not None and _has_records(s) for s in sets)


def _has_records(record_set: Resource) -> bool:
    return any(bool(v) for k, v in record_set.properties.items() if k.lower().endswith(("records", "record")))


def _wild(world: World, zone: ArmId, label: str, owner: str) -> tuple[list[Record], bool]:
    """A star answers for what lies below the closest name that exists. Source: RFC 4592."""
    labels = label.split(".")
    for i in range(1, len(labels) + 1):
        above = ".".join(labels[i:])
        found = _set_at(world, zone, f"*.{above}" if above else "*", owner)
        if found or (above and _exists(world, zone, above)):
            return found, bool(found)
    return [], False


def _registered(world: World, zone: ArmId, label: str) -> str:
    """The address of the VM of that name in a network whose link registers VMs in the zone; or empty."""
    # Looked up and not stored: a VM's record appears and goes with its address, and no write could be forgotten.
    links = world.children(zone, "virtualNetworkLinks")
    networks = {
        link.properties["virtualNetwork"]["id"].lower()
        for link in links
        if link.properties.get("registrationEnabled") and link.phase != CREATING
    }
    for vm in world.named(VM_TYPE, label) if networks else ():
        vantage = reachability.vantage_of(world, vm)
        if vantage.network.lower() in networks:
            return vantage.address
    return ""


DEVIATIONS = (
    Deviation(
        of="names, where the world's `timing` is `as-azure`",
        what=f"a new link or record counts {LATE_S} s late, a changed or deleted one at once",
        impact="only caches make a change of a record late, not its way to the name servers",
        reason="Azure's documentation says of changes that they typically take effect within 60 seconds, and no more",
        workaround="ask until the new answer is there, as on Azure",
    ),
)
