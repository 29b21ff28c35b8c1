"""Chapter 09: a record written again, a role for Azure's own check, and a rule that lets a layer through."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from acrlab import steps
from acrlab.azure.cloud import data_endpoint, label_of
from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task, group_of_others
from acrlab.lab.azure_errors import find, word
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours, role_name

TTL_S = 300
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
VM_TYPE = "Microsoft.Compute/virtualMachines"


def write_data_record(lab: Lab) -> None:
    """The address is looked up at the endpoint by its name, and the record's own name has two dots."""
    s = lab.settings
    address = steps.endpoint_addresses(lab)[f"{s.registry_name}.{s.location}.data.{s.cloud.registry_suffix}"]
    record = {"properties": {"ttl": 300, "aRecords": [{"ipv4Address": address}]}}
    names = (s.resource_group, s.zone_name, "A", f"{s.registry_name}.{s.location}.data")
    lab.dns.record_sets.create_or_update(*names, record)


def assign_reader(lab: Lab) -> None:
    """AcrPull shows the VM nothing but images; the check reads the registry, its endpoints and their interfaces."""
    import uuid

    roles = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    vm = lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.vm_name)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"Reader for {vm.identity.principal_id}")
    id = f"{lab.group_id()}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assignment = {
        "roleDefinitionId": f"{roles}/acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
        "principalId": vm.identity.principal_id,
        "principalType": "ServicePrincipal",
    }
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(id, api_version="2022-04-01", parameters={"properties": assignment}).result()


def let_https_pass(lab: Lab) -> None:
    """Rules are read from the lowest number up, and the first match decides: yours has to come before theirs."""
    s = lab.settings
    rule = {"priority": 150, "direction": "Outbound", "access": "Allow", "protocol": "Tcp"}
    rule |= {"sourceAddressPrefix": "*", "sourcePortRange": "*"}
    rule |= {"destinationAddressPrefix": s.subnet_prefix, "destinationPortRange": "443"}
    names = (s.resource_group, f"{s.vm_name}NSG", "AllowEndpoints")
    lab.network.security_rules.begin_create_or_update(*names, {"properties": rule}).result()


def _vm(lab: Lab) -> Any:
    return find(lambda: lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.vm_name))


def _host(lab: Lab) -> str:
    return data_endpoint(lab.login_server, lab.settings.location)


def _data_address(lab: Lab) -> str:
    """The address that the endpoint holds for layers; empty: there is no endpoint."""
    s = lab.settings
    if find(lambda: lab.network.private_endpoints.get(s.resource_group, s.endpoint_name)) is None:
        return ""
    return steps.endpoint_addresses(lab).get(_host(lab), "")


def _record(lab: Lab) -> Any:
    names = (lab.settings.resource_group, lab.settings.zone_name, "A", label_of(_host(lab)))
    return find(lambda: lab.dns.record_sets.get(*names))


def _record_written(lab: Lab) -> Seen:
    wanted, found = _data_address(lab), _record(lab)
    if not wanted:
        return Seen(False, "no private endpoint", "the chapter was not run from its top", "run it from its top")
    if found is None:
        cause = "it was not written, or has another name: inside the zone it ends before .azurecr.io"
        return Seen(False, f"no A record for {_host(lab)}", cause, "write it under its name in the zone")
    held = [one.ipv4_address for one in found.properties.a_records or []]
    shown = f"{found.name}: {', '.join(held) or 'no address'}, TTL {found.properties.ttl}"
    if held != [wanted]:
        cause = f"the endpoint holds {wanted} for {_host(lab)}"
        return Seen(False, shown, cause, "look its address up by name, not by position")
    if found.properties.ttl != TTL_S:
        return Seen(False, shown, "the record is the lab's own, or has another TTL", "set the TTL")
    return Seen(True, shown)


def _record_taken(lab: Lab) -> None:
    """The step `records` writes the lab's own again."""
    names = (lab.settings.resource_group, lab.settings.zone_name, "A", label_of(_host(lab)))
    lab.dns.record_sets.delete(*names)


def _record_of_others(lab: Lab) -> str | None:
    zone = find(lambda: lab.dns.private_zones.get(lab.settings.resource_group, lab.settings.zone_name))
    return None if zone is None or is_ours(lab, zone.tags) else lab.settings.zone_name


def _readers(lab: Lab) -> list[dict[str, Any]]:
    """The assignments of Reader to the VM's identity on the group itself."""
    vm = lab.id_of(VM_TYPE, lab.settings.vm_name)
    held = steps.own_rights_on(lab, vm, str(lab.group_id())) if _vm(lab) else []
    return [one for one in held if role_name(one) == "Reader"]


def _may_read(lab: Lab) -> Seen:
    if _vm(lab) is None:
        return Seen(False, f"no VM {lab.settings.vm_name}", "the chapter was not run from its top", "run it from there")
    if _readers(lab):
        return Seen(True, f"the VM's identity has Reader on {lab.settings.resource_group}")
    cause = "the role was given to another identity, on another resource, or not at all"
    return Seen(False, "the VM's identity has no role on the group", cause, "the scope is the group's id")


def _reader_taken(lab: Lab) -> None:
    for one in _readers(lab):
        lab.resources.resources.begin_delete_by_id(one["id"], api_version="2022-04-01").result()


def _vm_of_others(lab: Lab) -> str | None:
    vm = _vm(lab)
    return None if vm is None or is_ours(lab, vm.tags) else lab.settings.vm_name


def _reading_of_others(lab: Lab) -> str | None:
    if _vm(lab) is None:
        return None
    return group_of_others(lab) or _vm_of_others(lab)


def _rules(lab: Lab) -> list[Any]:
    """The outbound rules of the VM's security group, in the order in which they are read."""
    s = lab.settings
    group = find(lambda: lab.network.network_security_groups.get(s.resource_group, f"{s.vm_name}NSG"))
    listed = group.security_rules or [] if group else []
    return sorted((one for one in listed if word(one.direction) == "Outbound"), key=lambda one: one.priority)


def _fits(rule: Any, address: str) -> bool:
    """Whether a rule is about HTTPS to an address; of ranges and tags the lab needs these."""
    ports = [rule.destination_port_range, *(rule.destination_port_ranges or [])]
    places = [rule.destination_address_prefix, *(rule.destination_address_prefixes or [])]
    return any(port in ("443", "*") for port in ports) and _within(address, filter(None, places))


def _within(address: str, places: Iterable[str]) -> bool:
    own = ipaddress.ip_address(address)
    return any(
        place in ("*", "VirtualNetwork") or (place[0].isdigit() and own in ipaddress.ip_network(place, strict=False))
        for place in places
    )


def _https_passes(lab: Lab) -> Seen:
    address = _data_address(lab)
    if not address:
        return Seen(False, "no private endpoint", "the chapter was not run from its top", "run it from its top")
    first = next((rule for rule in _rules(lab) if _fits(rule, address)), None)
    if first is None:
        cause = "there is neither your colleague's rule nor yours"
        return Seen(
            False, f"no outbound rule is about port 443 of {address}", cause, "run the cells above, then add yours"
        )
    shown = f"{first.name}, priority {first.priority}: {word(first.access)} 443 to {address}"
    if word(first.access) == "Allow":
        return Seen(True, shown)
    return Seen(False, shown, "that rule is read first", "a rule with a lower priority number comes before it")


def _rules_taken(lab: Lab) -> None:
    """The lab itself makes no outbound rule."""
    s = lab.settings
    for rule in _rules(lab):
        lab.network.security_rules.begin_delete(s.resource_group, f"{s.vm_name}NSG", rule.name).result()


def _rules_of_others(lab: Lab) -> str | None:
    s = lab.settings
    group = find(lambda: lab.network.network_security_groups.get(s.resource_group, f"{s.vm_name}NSG"))
    return None if group is None or is_ours(lab, group.tags) else f"{s.vm_name}NSG"


TASKS = (
    Task(
        name="missing-record",
        chapter="09",
        goal="Write the missing record, with the address that the endpoint holds, and a TTL of 300 seconds.",
        expected="an A record for {registry_name}.{location}.data with the endpoint's address and a TTL of 300",
        look=_record_written,
        hints=(
            "The finding says which name and which address; the record's name is what stands before `.azurecr.io`.",
            "`lab.dns.record_sets.create_or_update(group, zone, 'A', name, body)`; the body has `ttl` and `aRecords`.",
        ),
        solution=write_data_record,
        az="""address=$(az network private-endpoint show --resource-group {resource_group} --name {endpoint_name} \\
    --query "customDnsConfigs[?contains(fqdn, '.data.')].ipAddresses[0]" --output tsv)
az network private-dns record-set a create --resource-group {resource_group} --zone-name {zone_name} \\
    --name {registry_name}.{location}.data --ttl 300
az network private-dns record-set a add-record --resource-group {resource_group} --zone-name {zone_name} \\
    --record-set-name {registry_name}.{location}.data --ipv4-address $address""",
        rights=("Microsoft.Network/privateDnsZones/A/write",),
        undo=_record_taken,
        undone="the record, which the lab writes again",
        foreign=_record_of_others,
    ),
    Task(
        name="reader-role",
        chapter="09",
        goal="Give the VM's identity the role *Reader* on the resource group.",
        expected="the VM's identity with Reader on {resource_group}",
        look=_may_read,
        hints=(
            "It is a role assignment as in chapter 02, with another scope.",
            "`lab.resources.resources.begin_create_or_update_by_id`; Reader is `acdd72a7-3385-48ef-bd42-f606fba81ae7`.",
        ),
        solution=assign_reader,
        az="""principalId=$(az vm show --resource-group {resource_group} --name {vm_name} \\
    --query identity.principalId --output tsv)
az role assignment create --role Reader --assignee-object-id $principalId \\
    --assignee-principal-type ServicePrincipal \\
    --scope $(az group show --name {resource_group} --query id --output tsv)""",
        rights=(f"{ASSIGNMENTS}/write", f"{ASSIGNMENTS}/delete"),
        undo=_reader_taken,
        undone="the role",
        foreign=_reading_of_others,
    ),
    Task(
        name="https-rule",
        chapter="09",
        goal="Allow HTTPS to the endpoint's subnet, with a rule of your own that is read before your colleague's.",
        expected="an outbound rule of {vm_name}NSG that allows port 443 to the data endpoint, and is read first",
        look=_https_passes,
        hints=(
            "The rule with the lowest priority number is read first, and numbers begin at 100.",
            "`lab.network.security_rules.begin_create_or_update(group, security_group, name, body)`.",
        ),
        solution=let_https_pass,
        az="""\
az network nsg rule create --resource-group {resource_group} --nsg-name {vm_name}NSG --name AllowEndpoints \\
    --priority 150 --direction Outbound --access Allow --protocol Tcp \\
    --destination-address-prefixes {subnet_prefix} --destination-port-ranges 443""",
        rights=(
            "Microsoft.Network/networkSecurityGroups/securityRules/write",
            "Microsoft.Network/networkSecurityGroups/securityRules/delete",
        ),
        undo=_rules_taken,
        undone="every outbound rule of the VM's security group",
        foreign=_rules_of_others,
    ),
)
