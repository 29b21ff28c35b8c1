"""Reads what a private endpoint could be made between: groups, registries, networks, zones."""

from __future__ import annotations

from acrlab.doctor.observe.look import Look
from acrlab.doctor.observe.network import networks, zones
from acrlab.doctor.observe.registry import REGISTRY_TYPE
from acrlab.lab.lab import Lab
from acrlab.steps.portal_form import RegistryThere, Surroundings

__all__ = ["surroundings"]

GROUPS_VERSION = "2022-09-01"


def surroundings(lab: Lab) -> Surroundings:
    """Look at all that this identity may see in the subscription. Raises: RefusedError: Azure can't be reached."""
    look = Look(lab)
    listed = look.everywhere("networks", "Microsoft.Network/virtualNetworks")
    groups = lab.arm.get_all(f"/subscriptions/{lab.subscription}/resourcegroups", GROUPS_VERSION)
    return Surroundings(
        groups=tuple(sorted(g["name"] for g in groups)),
        registries=tuple(_registry(look, one) for one in look.everywhere("registry", REGISTRY_TYPE)),
        networks=networks(look, [n["id"] for n in listed]),
        zones=zones(look, ()),
        endpoints=tuple(e["id"] for e in look.everywhere("endpoints", "Microsoft.Network/privateEndpoints")),
    )


def _registry(look: Look, found: dict[str, object]) -> RegistryThere:
    replicas = look.members("replications", f"{found['id']}/replications") or []
    regions = {str(found["location"]), *(str(r["location"]) for r in replicas)}
    sku = found["sku"]
    return RegistryThere(str(found["id"]), sku["name"] if isinstance(sku, dict) else "", tuple(sorted(regions)))
