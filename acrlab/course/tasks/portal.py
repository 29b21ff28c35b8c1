"""Chapter 05: a record that a zone group wrote is deleted, comes back with the group, and all of it is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrlab import steps
from acrlab.azure.cloud import data_endpoint, label_of
from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task
from acrlab.lab.azure_errors import find, word
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours
from acrlab.steps.clean_up_plan import CleanUpPlan, plan_clean_up

if TYPE_CHECKING:
    from azure.mgmt.network.models import PrivateDnsZoneGroup

TTL_S = 10  # of the records that zone groups write
DNS, ENDPOINT = "Microsoft.Network/privateDnsZones", "Microsoft.Network/privateEndpoints"
DELETE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/delete"


def delete_data_record(lab: Lab) -> None:
    """A record set is known by its zone, its type and its name in the zone."""
    s = lab.settings
    name = f"{s.registry_name}.{s.location}.data"
    lab.dns.record_sets.delete(s.portal_resource_group, s.zone_name, "A", name)


def write_zone_group_again(lab: Lab) -> None:
    """A zone group writes its records when it is created, so that it is deleted and created: nothing else changes."""
    s = lab.settings
    zone = lab.dns.private_zones.get(s.portal_resource_group, s.zone_name)
    groups, names = lab.network.private_dns_zone_groups, (s.portal_resource_group, s.portal_endpoint_name, "default")
    groups.begin_delete(*names).result()
    zones = [{"name": s.zone_name.replace(".", "-"), "properties": {"privateDnsZoneId": zone.id}}]
    groups.begin_create_or_update(*names, {"properties": {"privateDnsZoneConfigs": zones}}).result()


def delete_portal_lab(lab: Lab) -> None:
    """It deletes the group, and Azure finds the order; in a group that stays, what the lab made goes one by one."""
    steps.remove_portal_endpoint(lab)


def _records(lab: Lab) -> dict[str, int] | None:
    """Name -> time to live, of the zone's address records; None: there is no such zone."""
    group = lab.settings.portal_resource_group
    if find(lambda: lab.dns.private_zones.get(group, lab.settings.zone_name)) is None:
        return None
    return {str(r.name): int(r.ttl) for r in lab.dns.record_sets.list_by_type(group, lab.settings.zone_name, "A")}


def _label(lab: Lab) -> str:
    return label_of(data_endpoint(lab.login_server, lab.settings.location))


def _told(records: dict[str, int]) -> str:
    return f"the zone's records are {', '.join(sorted(records)) or 'none'}"


NO_ZONE = Seen(False, "no zone in the portal's group", "the portal's lab was not made", "run the chapter from its top")


def _data_record_deleted(lab: Lab) -> Seen:
    records = _records(lab)
    if records is None:
        return NO_ZONE
    if _label(lab) in records:
        return Seen(
            False, _told(records), "nothing was deleted, or in another zone", "its name in the zone has two dots"
        )
    if lab.settings.registry_name not in records:
        return Seen(False, _told(records), "the registry's own record was deleted, too", "write the zone group again")
    return Seen(True, _told(records))


def _records_again(lab: Lab) -> Seen:
    records = _records(lab)
    if records is None:
        return NO_ZONE
    wanted = {lab.settings.registry_name, _label(lab)}
    if missing := wanted - set(records):
        cause = f"nothing has written {' and '.join(sorted(missing))}"
        return Seen(False, _told(records), cause, "change the zone group, or delete it and create it again")
    by_hand = sorted(name for name in wanted if records[name] != TTL_S)
    if by_hand:
        cause = f"{' and '.join(by_hand)} was written by hand: nothing will keep it in step"
        return Seen(False, f"a time to live of {records[by_hand[0]]}", cause, "delete it, and let the zone group write")
    group = _zone_group(lab)
    if group is None or word(group.provisioning_state) != "Succeeded":
        return Seen(False, "no zone group on the endpoint", "it was deleted and not created", "create it again")
    return Seen(True, f"{_told(records)}, each with a time to live of {TTL_S}")


def _zone_group(lab: Lab) -> PrivateDnsZoneGroup | None:
    s = lab.settings
    names = (s.portal_resource_group, s.portal_endpoint_name, "default")
    return find(lambda: lab.network.private_dns_zone_groups.get(*names))


def _portal_gone(lab: Lab) -> Seen:
    group = lab.settings.portal_resource_group
    seen = f"no group {group}"
    if lab.resources.resource_groups.check_existence(group):
        plan = plan_clean_up(lab, group)
        held = [one.name for one in plan.left if one.id != lab.group_id(group)]
        reason = "" if held else _why_it_stays(lab, plan)
        if not reason:
            shown = f"the group {group} is still there{f', with {held[0]}' if held else ''}"
            return Seen(False, shown, "it was not deleted, or Azure is still at it", "wait for it")
        seen = f"the group {group} stays, because {reason}; nothing of the lab is in it"
    endpoint = lab.id_of(ENDPOINT, lab.settings.portal_endpoint_name, group=group).lower()
    left = [one.endpoint for one in steps.connections(lab) if one.endpoint_id.lower() == endpoint]
    if left:
        return Seen(False, f"a connection of {left[0]} on the registry", "Azure is still deleting it", "check again")
    return Seen(True, f"{seen}, and no connection of its endpoint")


def _why_it_stays(lab: Lab, plan: CleanUpPlan) -> str:
    """Say why the portal's group is not for this lab to delete; empty: it is."""
    group = lab.group_id(lab.settings.portal_resource_group)
    if not plan.groups:
        return next((one.reason for one in plan.kept if one.id == group), "")
    from acrlab.lab.permissions import allows, permissions  # which is seldom asked

    return "" if allows(permissions(lab, group), DELETE_GROUP) else "this identity may not delete it"


def _portal_group_of_others(lab: Lab) -> str | None:
    """Name the portal's group where it stays, and nothing of the lab is in it."""
    group = lab.settings.portal_resource_group
    if not lab.resources.resource_groups.check_existence(group):
        return None
    plan = plan_clean_up(lab, group)
    return None if plan.groups or plan.left else group


def _zone_of_others(lab: Lab) -> str | None:
    s = lab.settings
    zone = find(lambda: lab.dns.private_zones.get(s.portal_resource_group, s.zone_name))
    return None if zone is None or is_ours(lab, zone.tags) else s.zone_name


def _endpoint_of_others(lab: Lab) -> str | None:
    s = lab.settings
    endpoint = find(lambda: lab.network.private_endpoints.get(s.portal_resource_group, s.portal_endpoint_name))
    return None if endpoint is None or is_ours(lab, endpoint.tags) else s.portal_endpoint_name


TASKS = (
    Task(
        name="lost-record",
        chapter="05",
        goal="Delete the data endpoint's record from the portal's zone, as a colleague might who does not know what it "
        "is for.",
        expected="no record {registry_name}.{location}.data in the zone of {portal_resource_group}",
        look=_data_record_deleted,
        hints=(
            "The table above shows its name in the zone. Mind the group: it is the portal's.",
            '`lab.dns.record_sets.delete(group, zone, "A", name)`.',
        ),
        solution=delete_data_record,
        az="az network private-dns record-set a delete --resource-group {portal_resource_group} "
        "--zone-name {zone_name} --name {registry_name}.{location}.data --yes",
        rights=(f"{DNS}/A/delete",),
        foreign=_zone_of_others,
    ),
    Task(
        name="zone-group",
        chapter="05",
        goal="Bring the record back without writing it by hand.",
        expected="both records in the portal's zone, written by the zone group of {portal_endpoint_name}",
        look=_records_again,
        hints=(
            "Who wrote it the first time? A zone group writes when it is created or changed.",
            (
                "`lab.network.private_dns_zone_groups` has `begin_delete` and `begin_create_or_update`; the group is "
                "called `default`, its body has `privateDnsZoneConfigs`, and each of these a `privateDnsZoneId`."
            ),
        ),
        solution=write_zone_group_again,
        az="""\
az network private-endpoint dns-zone-group delete --resource-group {portal_resource_group} \\
    --endpoint-name {portal_endpoint_name} --name default
az network private-endpoint dns-zone-group create --resource-group {portal_resource_group} \\
    --endpoint-name {portal_endpoint_name} --name default \\
    --private-dns-zone {zone_name} --zone-name privatelink-azurecr-io""",
        rights=(f"{ENDPOINT}/privateDnsZoneGroups/write", f"{ENDPOINT}/privateDnsZoneGroups/delete"),
        after="lost-record",
        foreign=_endpoint_of_others,
    ),
    Task(
        name="portal-deleted",
        chapter="05",
        goal="Delete the portal's group with all that is in it.",
        expected="no group {portal_resource_group}, or nothing of the lab in it where the group is not the lab's",
        look=_portal_gone,
        hints=("One call, and one name.", "`lab.resources.resource_groups.begin_delete(name).result()`."),
        solution=delete_portal_lab,
        az="az group delete --name {portal_resource_group} --yes",
        rights=(DELETE_GROUP,),
        after="zone-group",
        foreign=_portal_group_of_others,
    ),
)
