"""An export's form: parameters, names, ids, order, and what is told beside it."""

import pytest

REGISTRY = "Microsoft.ContainerRegistry/registries"
NETWORK = "Microsoft.Network/virtualNetworks"
THE_NETWORK = f"[resourceId('{NETWORK}', parameters('virtualNetworks_v_name'))]"
THE_SUBNET = f"[resourceId('{NETWORK}/subnets', parameters('virtualNetworks_v_name'), 's')]"
THE_GUARD = "[resourceId('Microsoft.Network/networkSecurityGroups', parameters('networkSecurityGroups_guard_name'))]"
THE_CARD = "[resourceId('Microsoft.Network/networkInterfaces', parameters('networkInterfaces_card_name'))]"


def test_a_network_alone_is_exported_as_recorded(desk):
    """Recorded: azure-cli's test_resource_group_export_skip_all_params. The emulator's version shows more."""
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    made = desk.network.virtual_networks.begin_create_or_update(
        "g", "vnet1", {"location": "westus", "properties": space}
    ).result()

    exported = desk.export(made.id, options="SkipAllParameterization")

    (network,) = exported["template"].pop("resources")
    assert exported == {
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {},
            "variables": {},
        }
    }
    assert network.pop("apiVersion") >= "2024-01-01"
    assert network == {
        "type": NETWORK,
        "name": "vnet1",
        "location": "westus",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "privateEndpointVNetPolicies": "Disabled",
            "subnets": [],
            "virtualNetworkPeerings": [],
            "enableDdosProtection": False,
        },
    }


def test_names_are_parameters_the_shortest_id_first(lab):
    parameters = lab.export()["template"]["parameters"]

    assert list(parameters) == [
        "virtualNetworks_v_name",
        "privateEndpoints_e_name",
        "networkInterfaces_card_name",
        "publicIPAddresses_door_name",
        "virtualMachines_machine_name",
        "networkSecurityGroups_guard_name",
        "registries_contoso_name",
        "privateDnsZones_privatelink_azurecr_io_name",
    ]
    assert set(map(str, parameters.values())) == {"{'type': 'String'}"}


def test_parameters_have_defaults_where_they_are_asked_for(lab):
    parameters = lab.export(options="IncludeParameterDefaultValue")["template"]["parameters"]

    assert parameters["registries_contoso_name"] == {"defaultValue": "contoso", "type": "String"}


def test_two_names_that_differ_in_marks_alone_get_two_parameters(desk):
    for name in ("a-b", "a.b"):
        desk.zone(f"{name}.contoso.com")

    parameters = desk.export(options="IncludeParameterDefaultValue")["template"]["parameters"]

    assert {name: one["defaultValue"] for name, one in parameters.items()} == {
        "privateDnsZones_a_b_contoso_com_name": "a-b.contoso.com",
        "privateDnsZones_a_b_contoso_com_name_1": "a.b.contoso.com",
    }


def test_resources_stand_by_the_number_of_what_they_depend_on_then_by_type_and_name(lab):
    resources = lab.export()["template"]["resources"]

    placed = [(len(r.get("dependsOn", [])), r["type"].lower(), r["name"].replace("-", "").lower()) for r in resources]
    assert [one[:2] for one in placed] == [one[:2] for one in sorted(placed)]
    assert [r["type"] for r in resources][:5] == [
        REGISTRY,
        "Microsoft.Network/networkSecurityGroups",
        "Microsoft.Network/privateDnsZones",
        "Microsoft.Network/publicIPAddresses",
        NETWORK,
    ]


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("virtualNetworks", None),
        ("virtualNetworks/subnets", [THE_NETWORK]),
        ("virtualMachines", [THE_CARD]),
        (
            "networkInterfaces",
            [
                THE_GUARD,
                "[resourceId('Microsoft.Network/publicIPAddresses', parameters('publicIPAddresses_door_name'))]",
                THE_SUBNET,
            ],
        ),
        ("privateEndpoints", [f"[resourceId('{REGISTRY}', parameters('registries_contoso_name'))]", THE_SUBNET]),
    ],
)
def test_a_resource_depends_on_its_parents_and_on_what_it_names(lab, type, expected):
    assert lab.exported()[type].get("dependsOn") == expected


def test_a_child_is_a_resource_of_its_own_beside_its_place_in_the_parent(lab):
    found = lab.exported()

    assert found["virtualNetworks/subnets"]["name"] == "[concat(parameters('virtualNetworks_v_name'), '/s')]"
    (inline,) = found["virtualNetworks"]["properties"]["subnets"]
    assert (inline["name"], inline["id"], inline["type"]) == ("s", THE_SUBNET, f"{NETWORK}/subnets")
    assert inline["properties"] == found["virtualNetworks/subnets"]["properties"]


def test_a_part_s_id_is_its_resource_s_with_an_end(lab):
    (part,) = lab.exported()["networkInterfaces"]["properties"]["ipConfigurations"]

    assert part["id"] == f"[concat({THE_CARD[1:-1]}, '/ipConfigurations/one')]"


def test_a_vm_s_own_name_in_its_texts_is_the_parameter_and_its_disk_is_named_by_it(lab):
    machine = lab.exported()["virtualMachines"]

    assert machine["properties"]["osProfile"]["computerName"] == "[parameters('virtualMachines_machine_name')]"
    disk = machine["properties"]["storageProfile"]["osDisk"]
    assert disk["name"].startswith("[concat(parameters('virtualMachines_machine_name'), '_disk1_")
    assert disk["managedDisk"]["id"] == f"[resourceId('Microsoft.Compute/disks', {disk['name'][1:-1]})]"


def test_a_name_inside_a_word_stays(desk):
    desk.vm(desk.interface(desk.subnet()), "m")

    disk = desk.exported()["virtualMachines"]["properties"]["storageProfile"]["osDisk"]

    assert disk["managedDisk"]["storageAccountType"] == "Premium_LRS"


def test_secrets_and_what_can_only_be_read_are_left_out(lab):
    text = str(lab.export()["template"])

    for word in ("adminPassword", "Kept 2 itself", "provisioningState", "etag", "resourceGuid", "loginServer"):
        assert word not in text, word


def test_what_comes_with_another_is_not_exported(lab):
    """Neither the disk of a VM nor the interface of a private endpoint: both come with their holder."""
    resources = lab.export()["template"]["resources"]

    assert "Microsoft.Compute/disks" not in [r["type"] for r in resources]
    assert [r["name"] for r in resources if r["type"].endswith("networkInterfaces")] == [
        "[parameters('networkInterfaces_card_name')]"
    ]


def test_a_disk_of_one_s_own_is_exported(desk):
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}
    desk.compute.disks.begin_create_or_update("g", "d", {"location": "westus", "properties": properties}).result()

    assert desk.exported()["disks"]["name"] == "[parameters('disks_d_name')]"


def test_how_the_group_came_about_who_may_enter_and_locks_are_not_exported(desk):
    desk.zone()
    desk.deploy({"resources": []})
    desk.send("PUT", f"{desk.group}/providers/Microsoft.Authorization/locks/l", {"properties": {"level": "ReadOnly"}})

    types = {r["type"] for r in desk.export()["template"]["resources"]}

    assert types == {"Microsoft.Network/privateDnsZones", "Microsoft.Network/privateDnsZones/SOA"}


def test_what_lies_elsewhere_is_a_parameter_of_its_whole_id(desk):
    network = desk.subnet().id.rpartition("/subnets/")[0]
    zone = desk.zone()
    desk.link(zone.name, network)
    desk.endpoint(desk.registry(), desk.network.subnets.get("g", "v", "s"))

    exported = desk.export(zone.id, f"{desk.group}/providers/Microsoft.Network/privateEndpoints/e")["template"]

    found = {r["type"].partition("/")[2]: r for r in exported["resources"]}
    link, endpoint = found["privateDnsZones/virtualNetworkLinks"], found["privateEndpoints"]
    assert link["properties"]["virtualNetwork"]["id"] == "[parameters('virtualNetworks_v_externalid')]"
    assert len(link["dependsOn"]) == 1
    assert endpoint["properties"]["subnet"]["id"] == (
        "[concat(parameters('virtualNetworks_v_externalid'), '/subnets/s')]"
    )
    assert list(exported["parameters"]) == [
        "privateEndpoints_e_name",
        "privateDnsZones_privatelink_azurecr_io_name",
        "registries_contoso_externalid",
        "virtualNetworks_v_externalid",
    ]


def test_without_parameters_for_names_only_what_lies_elsewhere_is_one(desk):
    network = desk.subnet().id.rpartition("/subnets/")[0]
    zone = desk.zone()
    desk.link(zone.name, network)

    exported = desk.export(zone.id, options="SkipResourceNameParameterization, IncludeParameterDefaultValue")

    template = exported["template"]
    assert template["parameters"] == {"virtualNetworks_v_externalid": {"defaultValue": network, "type": "String"}}
    assert [r["name"] for r in template["resources"]] == [
        "privatelink.azurecr.io",
        "privatelink.azurecr.io/@",
        "privatelink.azurecr.io/l",
    ]


def test_without_any_parameter_what_lies_elsewhere_is_its_id(desk):
    network = desk.subnet().id.rpartition("/subnets/")[0]
    zone = desk.zone()
    desk.link(zone.name, network)

    template = desk.export(zone.id, options="SkipAllParameterization")["template"]

    assert template["parameters"] == {}
    assert template["resources"][-1]["properties"]["virtualNetwork"]["id"] == network
    assert template["resources"][-1]["dependsOn"] == [
        "[resourceId('Microsoft.Network/privateDnsZones', 'privatelink.azurecr.io')]"
    ]


def test_a_comment_tells_what_a_resource_was_made_from(desk):
    zone = desk.zone()

    found = desk.exported(zone.id, options="IncludeComments")["privateDnsZones"]

    assert found["comments"] == f"Generalized from resource: '{zone.id}'."


def test_a_text_that_looks_like_an_expression_is_told_from_one(desk):
    desk.network.network_security_groups.begin_create_or_update(
        "g", "guard", {"location": "westus", "tags": {}, "properties": {}}
    ).result()
    rule = {"protocol": "Tcp", "access": "Deny", "priority": 200, "direction": "Inbound", "description": "[not] one"}
    ends = {f"{end}{what}": "*" for end in ("source", "destination") for what in ("PortRange", "AddressPrefix")}
    desk.network.security_rules.begin_create_or_update("g", "guard", "no", {"properties": {**rule, **ends}}).result()

    found = desk.exported()["networkSecurityGroups/securityRules"]

    assert found["properties"]["description"] == "[[not] one"


def test_a_registry_s_system_maps_are_exported_with_their_descriptions(desk):
    desk.registry()

    resources = desk.export(options="SkipAllParameterization")["template"]["resources"]

    maps = {r["name"]: r["properties"]["description"] for r in resources if r["type"].endswith("scopeMaps")}
    assert maps == {
        "contoso/_repositories_admin": "Can perform all read, write and delete operations on the registry",
        "contoso/_repositories_pull": "Can pull any repository of the registry",
        "contoso/_repositories_pull_metadata_read": "Can perform all read operations on the registry",
        "contoso/_repositories_push": "Can push to any repository of the registry",
        "contoso/_repositories_push_metadata_write": "Can perform all read and write operations on the registry",
    }


def test_what_could_not_be_got_of_a_registry_is_told_beside_the_template(lab):
    assert lab.export()["error"] == {
        "code": "ExportTemplateCompletedWithErrors",
        "message": "Export template operation completed with errors. Some resources were not exported. "
        "Please see details for more information.",
        "details": [
            {
                "code": "ExportTemplateProviderError",
                "target": "Microsoft.ContainerRegistry/registries/connectedRegistries",
                "message": "Could not get resources of the type "
                "'Microsoft.ContainerRegistry/registries/connectedRegistries'. "
                "Resources of this type will not be exported.",
            }
        ],
    }


def test_an_empty_group_is_an_empty_template(desk):
    assert desk.export()["template"]["resources"] == []


def test_networks_that_are_peered_with_each_other_depend_on_each_other(desk):
    for name, prefix in (("a", "10.1.0.0/16"), ("b", "10.2.0.0/16")):
        space = {"addressSpace": {"addressPrefixes": [prefix]}}
        body = {"location": "westus", "properties": space}
        desk.network.virtual_networks.begin_create_or_update("g", name, body).result()
    for near, far in (("a", "b"), ("b", "a")):
        remote = {"remoteVirtualNetwork": {"id": desk.network.virtual_networks.get("g", far).id}}
        desk.network.virtual_network_peerings.begin_create_or_update(
            "g", near, f"to-{far}", {"properties": remote}
        ).result()

    exported = desk.export(options="SkipAllParameterization")["template"]

    depends = {r["name"]: r["dependsOn"] for r in exported["resources"]}
    assert depends["a"] == [f"[resourceId('{NETWORK}', 'b')]"]
    assert depends["b"] == [f"[resourceId('{NETWORK}', 'a')]"]
    assert "Circular dependency" in desk.deploy(exported)["message"]
