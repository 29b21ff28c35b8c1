"""Chapter 08: three parts of the lab deleted by hand, in an order that Azure allows."""

from __future__ import annotations

from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours, is_the_learner_s
from acrlab.steps.private_link import ensure_endpoint, ensure_link, ensure_zone, find_endpoint, find_zone, metadata_of

DNS = "Microsoft.Network/privateDnsZones"


def delete_link(lab: Lab) -> None:
    """A link is a resource below its zone, and has a name of its own there."""
    s = lab.settings
    links = lab.dns.virtual_network_links
    links.begin_delete(s.resource_group, s.zone_name, s.link_name).result()


def delete_zone(lab: Lab) -> None:
    """Records are deleted with their zone; links are not."""
    lab.dns.private_zones.begin_delete(lab.settings.resource_group, lab.settings.zone_name).result()


def delete_endpoint(lab: Lab) -> None:
    """The endpoint's interface, and the registry's connection, are deleted with it."""
    s = lab.settings
    lab.network.private_endpoints.begin_delete(s.resource_group, s.endpoint_name).result()


def _links(lab: Lab) -> list[str]:
    listed = lab.dns.virtual_network_links.list(lab.settings.resource_group, lab.settings.zone_name)
    return [str(one.name) for one in listed]


def _group(lab: Lab) -> bool:
    return bool(lab.resources.resource_groups.check_existence(lab.settings.resource_group))


NO_GROUP = Seen(False, "no group", "the whole lab is deleted already", "run the chapter from its top")


def _unlinked(lab: Lab) -> Seen:
    if not _group(lab):
        return NO_GROUP
    links = _links(lab) if find_zone(lab) else []
    if links:
        shown = f"{lab.settings.zone_name} is linked by {', '.join(links)}"
        return Seen(False, shown, "nothing was deleted", "delete that link")
    return Seen(True, f"{lab.settings.zone_name} is linked to no network")


def _zone_deleted(lab: Lab) -> Seen:
    if not _group(lab):
        return NO_GROUP
    if find_zone(lab) is None:
        return Seen(True, f"no zone {lab.settings.zone_name}")
    links = _links(lab)
    cause = f"Azure refuses while there is the link {links[0]}" if links else "nothing was deleted"
    shown = f"the zone {lab.settings.zone_name} is still there"
    return Seen(False, shown, cause, "delete the links first, then the zone")


def _endpoint_deleted(lab: Lab) -> Seen:
    if not _group(lab):
        return NO_GROUP
    s = lab.settings
    if find_endpoint(lab) is None:
        return Seen(True, f"no endpoint {s.endpoint_name}, and its interface is deleted, too")
    cause = "nothing was deleted: an interface alone can't be, while an endpoint uses it"
    return Seen(False, f"the endpoint {s.endpoint_name} is still there", cause, "delete the endpoint itself")


def _zone_of_others(lab: Lab) -> str | None:
    """Name what is someone else's of the zone: itself, a link to their network, or a record of theirs."""
    zone, names = find_zone(lab), (lab.settings.resource_group, lab.settings.zone_name)
    if zone is None or not is_ours(lab, zone.tags):
        return None if zone is None else lab.settings.zone_name
    links = [(f"the link {one.name}", one.tags) for one in lab.dns.virtual_network_links.list(*names)]
    records = [
        (f"the record {one.name}", metadata_of(one))
        for one in lab.dns.record_sets.list(*names)
        if not str(one.type).endswith("/SOA")  # which Azure keeps itself
    ]
    return next((what for what, tags in (*links, *records) if not is_the_learner_s(lab, tags)), None)


def _endpoint_of_others(lab: Lab) -> str | None:
    found = find_endpoint(lab)
    return None if found is None or is_ours(lab, found.tags) else lab.settings.endpoint_name


TASKS = (
    Task(
        name="deleted-endpoint",
        chapter="08",
        goal="Delete the private endpoint, which deletes its network interface, too.",
        expected="no endpoint {endpoint_name}",
        look=_endpoint_deleted,
        hints=("You have done it before, in chapter 04.", "`lab.network.private_endpoints.begin_delete(group, name)`."),
        solution=delete_endpoint,
        az="az network private-endpoint delete --resource-group {resource_group} --name {endpoint_name}",
        rights=("Microsoft.Network/privateEndpoints/delete",),
        undo=ensure_endpoint,
        foreign=_endpoint_of_others,
    ),
    Task(
        name="unlinked-zone",
        chapter="08",
        goal="Delete what keeps the zone: its link to the VM's network.",
        expected="the zone {zone_name} linked to no network",
        look=_unlinked,
        hints=(
            "A zone with a link can't be deleted: Azure's refusal names the link that is in the way.",
            "`lab.dns.virtual_network_links` has `begin_delete(group, zone, link)`.",
        ),
        solution=delete_link,
        az="az network private-dns link vnet delete --resource-group {resource_group} --zone-name {zone_name} "
        "--name {link_name} --yes",
        rights=(f"{DNS}/virtualNetworkLinks/delete",),
        undo=ensure_link,
        foreign=_zone_of_others,
    ),
    Task(
        name="deleted-zone",
        chapter="08",
        goal="Delete the zone, now that nothing keeps it.",
        expected="no zone {zone_name}",
        look=_zone_deleted,
        hints=(
            "It is a top-level resource, like the endpoint, but with another client.",
            "`lab.dns.private_zones` has `begin_delete(group, zone)`.",
        ),
        solution=delete_zone,
        az="az network private-dns zone delete --resource-group {resource_group} --name {zone_name} --yes",
        rights=(f"{DNS}/delete",),
        undo=ensure_zone,
        foreign=_zone_of_others,
    ),
)
