"""Read what the portal's form offers for a new endpoint: groups, registries, networks, zones."""

from __future__ import annotations

from acrlab.doctor.observe.network import networks, zones
from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.registry import REGISTRY_TYPE
from acrlab.lab.lab import Lab
from acrlab.steps.portal_form import RegistryThere, Surroundings

GROUPS_VERSION = "2022-09-01"


def surroundings(lab: Lab) -> Surroundings:
    """Read all that this identity may read in the subscription. Raises: RefusedError: Azure can't be reached."""
    reader = Reader(lab)
    listed = reader.everywhere("networks", "Microsoft.Network/virtualNetworks")
    groups = lab.arm.get_all(f"/subscriptions/{lab.subscription}/resourcegroups", GROUPS_VERSION)
    return Surroundings(
        groups=tuple(sorted(g["name"] for g in groups)),
        registries=tuple(_registry(reader, one) for one in reader.everywhere("registry", REGISTRY_TYPE)),
        networks=networks(reader, "", [n["id"] for n in listed]),
        zones=zones(reader, ()),
        endpoints=tuple(e["id"] for e in reader.everywhere("endpoints", "Microsoft.Network/privateEndpoints")),
    )


def _registry(reader: Reader, found: dict[str, object]) -> RegistryThere:
    replicas = reader.members("replications", f"{found['id']}/replications") or []
    regions = {str(found["location"]), *(str(r["location"]) for r in replicas)}
    sku = found["sku"]
    return RegistryThere(str(found["id"]), sku["name"] if isinstance(sku, dict) else "", tuple(sorted(regions)))
