"""What an api-version shows and another does not, below the SDKs, each of which speaks only one."""

import json

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request

CONTAINER_REGISTRY = "Microsoft.ContainerRegistry"
NETWORK = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}


class Caller:
    """Sends requests about one group to one emulated Azure."""

    def __init__(self):
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.group = f"/subscriptions/{self.world.setting('subscription')}/resourceGroups/g"
        self("PUT", "", "2024-11-01", {"location": "westus"})

    def __call__(self, method, path, version, body=None):
        raw = json.dumps(body).encode() if body is not None else b""
        tail = f"/providers/{path}" if path else ""
        query = {"api-version": version}
        return self.azure.manager.handle(Request(method, "", f"{self.group}{tail}", query, {}, raw, "https://x"))

    def make(self, path, version, properties, **more):
        """Make something and let time pass until it is there; returns the first answer."""
        place = {} if "/subnets/" in path else {"location": "westus"}
        body = {**place, **more, "properties": properties}
        answer = self("PUT", path, version, body)
        assert answer.status in (200, 201), answer.body
        self.world.advance_to(self.world.now + 100)
        return answer

    def show(self, path, version):
        return self("GET", path, version).body


@pytest.fixture
def ask():
    caller = Caller()
    yield caller
    caller.azure.close()


@pytest.fixture
def registry(ask):
    path = "Microsoft.ContainerRegistry/registries/contoso"
    ask.make(path, "2023-11-01-preview", {}, sku={"name": "Premium"})
    return path


@pytest.fixture
def subnet(ask):
    path = "Microsoft.Network/virtualNetworks/v"
    ask.make(
        path, "2024-05-01", {**NETWORK, "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
    )
    return f"{path}/subnets/s"


@pytest.fixture
def interface(ask, subnet):
    path = "Microsoft.Network/networkInterfaces/i"
    configuration = {"name": "one", "properties": {"subnet": {"id": f"{ask.group}/providers/{subnet}"}}}
    ask.make(path, "2022-11-01", {"ipConfigurations": [configuration], "dnsSettings": {"internalDnsNameLabel": "here"}})
    return path


@pytest.mark.parametrize(
    ("version", "policies"),
    [
        ("2019-12-01-preview", {"quarantinePolicy", "trustPolicy", "retentionPolicy"}),
        ("2021-08-01-preview", {"quarantinePolicy", "trustPolicy", "retentionPolicy", "exportPolicy"}),
    ],
)
def test_a_registry_has_the_policies_of_its_version(ask, registry, version, policies):
    assert set(ask.show(registry, version)["properties"]["policies"]) == policies


def test_only_previews_tell_of_soft_deletion_and_metadata_search(ask, registry):
    preview = ask.show(registry, "2023-11-01-preview")["properties"]
    stable = ask.show(registry, "2025-11-01")["properties"]

    assert preview["metadataSearch"] == "Disabled"
    assert preview["policies"]["softDeletePolicy"]["status"] == "disabled"
    assert "metadataSearch" not in stable
    assert "softDeletePolicy" not in stable["policies"]


def test_soft_deletion_cannot_be_switched_on_as_nothing_keeps_what_is_deleted(ask, registry):
    wanted = {"properties": {"policies": {"softDeletePolicy": {"status": "enabled", "retentionDays": 7}}}}

    answer = ask("PATCH", registry, "2023-11-01-preview", wanted)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_the_oldest_registry_knows_nothing_of_private_links(ask, registry):
    properties = ask.show(registry, "2019-05-01")["properties"]

    assert {"publicNetworkAccess", "dataEndpointEnabled", "privateEndpointConnections"} & set(properties) == set()


def test_a_policy_tells_when_the_policies_were_set(ask, registry):
    version = "2023-11-01-preview"
    before = ask.show(registry, version)["properties"]["policies"]["retentionPolicy"]["lastUpdatedTime"]
    ask("PATCH", registry, version, {"tags": {"a": "b"}})
    untouched = ask.show(registry, version)["properties"]["policies"]["retentionPolicy"]["lastUpdatedTime"]

    ask("PATCH", registry, version, {"properties": {"policies": {"trustPolicy": {"status": "enabled"}}}})

    after = ask.show(registry, version)["properties"]["policies"]
    assert before == untouched < after["retentionPolicy"]["lastUpdatedTime"]
    assert "lastUpdatedTime" not in after["trustPolicy"]


def test_a_registry_is_gone_when_its_deletion_is_answered(ask, registry):
    assert ask("DELETE", registry, "2023-11-01-preview").status == 200
    assert ask("GET", registry, "2023-11-01-preview").status == 404


def test_since_2026_a_registry_is_there_at_once_and_goes_slowly(ask):
    path = "Microsoft.ContainerRegistry/registries/contoso"
    made = ask("PUT", path, "2026-03-01-preview", {"location": "westus", "sku": {"name": "Premium"}, "properties": {}})

    gone = ask("DELETE", path, "2026-03-01-preview")

    assert (made.status, made.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "Azure-AsyncOperation" not in made.headers
    assert (gone.status, "Location" in gone.headers) == (202, True)


def test_what_a_newer_registry_could_do_and_this_one_does_not_is_named(ask, registry):
    shown = ask.show(registry, "2026-09-01-preview")["properties"]
    answer = ask("PATCH", registry, "2026-09-01-preview", {"properties": {"writableCacheRepos": "Enabled"}})

    assert shown["regionalEndpoints"] == shown["writableCacheRepos"] == "Disabled"
    assert shown["roleAssignmentMode"] == ask.show(registry, "2025-11-01")["properties"]["roleAssignmentMode"]
    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
    assert "writableCacheRepos" in answer.body["error"]["message"]


@pytest.mark.parametrize(("version", "shown"), [("2023-11-01", False), ("2024-01-01", True)])
def test_a_subnet_has_pool_allocations_since_2024(ask, subnet, version, shown):
    assert ("ipamPoolPrefixAllocations" in ask.show(subnet, version)["properties"]) is shown


@pytest.mark.parametrize("version", ["2020-05-01", "2020-11-01", "2024-05-01"])
def test_policies_of_a_new_subnet_are_off_today_whatever_the_version(ask, subnet, version):
    ask.world.set_setting("subnet-network-policies", "as-today")
    path = subnet.replace("/subnets/s", "/subnets/new")

    answer = ask("PUT", path, version, {"properties": {"addressPrefix": "10.0.7.0/24"}})

    assert answer.body["properties"]["privateEndpointNetworkPolicies"] == "Disabled"


def test_an_allocation_from_a_pool_is_not_emulated(ask, subnet):
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "ipamPoolPrefixAllocations": [{"id": "x"}]}}

    answer = ask("PUT", subnet, "2024-05-01", body)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_a_subnet_that_is_written_as_it_was_is_ready_at_once_and_has_a_new_etag(ask, subnet):
    before = ask.show(subnet, "2024-05-01")

    answer = ask("PUT", subnet, "2024-05-01", before)

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "Azure-AsyncOperation" in answer.headers
    assert answer.body["etag"] != before["etag"]


def test_a_service_endpoint_is_as_ready_as_its_subnet(ask, subnet):
    services = [{"service": "Microsoft.ContainerRegistry"}]
    answer = ask.make(subnet, "2024-05-01", {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": services})

    endpoint = {"service": "Microsoft.ContainerRegistry", "locations": ["*"]}
    assert answer.body["properties"]["serviceEndpoints"] == [{"provisioningState": "Updating", **endpoint}]
    shown = ask.show(subnet, "2024-05-01")["properties"]["serviceEndpoints"]
    assert shown == [{"provisioningState": "Succeeded", **endpoint}]


def test_the_end_of_a_network_operation_gives_a_new_etag(ask):
    path = "Microsoft.Network/virtualNetworks/v"
    started = ask.make(path, "2024-05-01", NETWORK)

    assert ask.show(path, "2024-05-01")["etag"] != started.body["etag"]


@pytest.mark.parametrize(("version", "shown"), [("2020-05-01", True), ("2020-11-01", False)])
def test_protection_of_vms_is_mentioned_until_late_in_2020(ask, subnet, version, shown):
    network = subnet.partition("/subnets")[0]

    assert ("enableVmProtection" in ask.show(network, version)["properties"]) is shown


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2020-06-01", set()),
        ("2020-11-01", {"vnetEncryptionSupported"}),
        ("2022-01-01", {"vnetEncryptionSupported", "allowPort25Out", "auxiliaryMode"}),
        ("2022-11-01", {"vnetEncryptionSupported", "allowPort25Out", "auxiliaryMode", "auxiliarySku"}),
    ],
)
def test_an_interface_has_the_properties_of_its_version(ask, interface, version, fields):
    new = {"vnetEncryptionSupported", "allowPort25Out", "auxiliaryMode", "auxiliarySku"}

    assert new & set(ask.show(interface, version)["properties"]) == fields


def test_an_interface_without_a_vm_is_ready_at_once_and_has_no_hardware(ask, interface):
    answer = ask("PUT", interface, "2022-11-01", ask.show(interface, "2022-11-01") | {"tags": {"a": "b"}})

    assert answer.body["properties"]["provisioningState"] == "Succeeded"
    assert "macAddress" not in answer.body["properties"]


def test_an_interface_has_the_name_that_it_was_given_inside_its_network(ask, interface):
    settings = ask.show(interface, "2022-11-01")["properties"]["dnsSettings"]

    assert settings["internalFqdn"] == f"here.{settings['internalDomainNameSuffix']}"


def test_a_public_address_is_told_when_it_is_made(ask):
    path = "Microsoft.Network/publicIPAddresses/a"
    sent = {"publicIPAllocationMethod": "Static"}

    started = ask.make(path, "2022-11-01", sent, sku={"name": "Standard"}).body["properties"]

    assert "ipAddress" not in started
    assert started["ddosSettings"] == {"protectionMode": "VirtualNetworkInherited"}
    assert "ddosSettings" not in ask.show(path, "2022-01-01")["properties"]
    assert "ipAddress" in ask.show(path, "2022-01-01")["properties"]


def test_a_vm_counts_its_changes_in_its_etag_since_2024(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    path = f"/subscriptions/{cloud.world.setting('subscription')}/resourceGroups/g/providers/Microsoft.Compute"

    def etag(version):
        request = Request("GET", "", f"{path}/virtualMachines/m", {"api-version": version}, {}, b"", "https://x")
        return cloud.opened.azure.manager.handle(request).body.get("etag")

    first = etag("2024-07-01")
    cloud.compute.virtual_machines.begin_update("g", "m", {"tags": {"a": "b"}}).result()

    assert (first, etag("2024-07-01"), etag("2024-03-01")) == ('"1"', '"2"', None)


# -- what Azure knows and the emulator does not, and what it has to know -----------------------------------------------

PIP, DISK = "Microsoft.Network/publicIPAddresses/p", "Microsoft.Compute/disks/d"
EMPTY_DISK = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}


@pytest.mark.parametrize(
    ("path", "version", "properties", "envelope"),
    [
        (PIP, "2023-09-01", {"publicIPAddressVersion": "IPv6"}, {"sku": {"name": "Standard"}}),
        (PIP, "2023-09-01", {}, {"sku": {"name": "Standard", "tier": "Global"}}),
        (DISK, "2024-03-02", {**EMPTY_DISK, "osType": "Windows"}, {}),
        (DISK, "2024-03-02", EMPTY_DISK, {"sku": {"name": "PremiumV2_LRS"}}),
        (DISK, "2024-03-02", {**EMPTY_DISK, "networkAccessPolicy": "AllowPrivate"}, {}),
        ("Microsoft.Resources/deployments/d", "2022-09-01", {"mode": "Complete", "template": {}}, {}),
        (
            "Microsoft.Network/virtualNetworks/v",
            "2024-05-01",
            {**NETWORK, "privateEndpointVNetPolicies": "Basic"},
            {},
        ),
    ],
)
def test_a_value_that_azure_knows_and_the_emulator_does_not_is_not_called_malformed(
    ask, path, version, properties, envelope
):
    answer = ask("PUT", path, version, {"location": "westus", **envelope, "properties": properties})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_an_interface_with_help_from_its_hardware_is_not_called_malformed(ask, interface):
    shown = ask.show(interface, "2023-09-01")
    body = {"location": "westus", "properties": {**shown["properties"], "auxiliaryMode": "MaxConnections"}}

    answer = ask("PUT", interface, "2023-09-01", body)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_a_value_that_azure_does_not_know_is_still_malformed(ask):
    answer = ask("PUT", PIP, "2023-09-01", {"location": "westus", "properties": {"publicIPAddressVersion": "IPv5"}})

    assert answer.status == 400


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [("gateway/edge/config/read", 501, "NotEmulated"), ("nonsense", 400, "InvalidRequestContent")],
)
def test_an_action_of_a_gateway_is_not_emulated(ask, registry, action, status, code):
    answer = ask("PUT", f"{registry}/scopeMaps/gateway", "2023-07-01", {"properties": {"actions": [action]}})

    assert (answer.status, answer.body["error"]["code"]) == (status, code)


def test_a_network_has_policies_for_its_endpoints_since_2024(ask):
    path = "Microsoft.Network/virtualNetworks/v"
    ask.make(path, "2024-05-01", {**NETWORK, "privateEndpointVNetPolicies": "Disabled"})
    new, old = (ask.show(path, version)["properties"] for version in ("2024-05-01", "2023-09-01"))

    assert (new["privateEndpointVNetPolicies"], new["addressSpace"]["ipamPoolPrefixAllocations"]) == ("Disabled", [])
    assert "privateEndpointVNetPolicies" not in old
    assert old["addressSpace"] == {"addressPrefixes": ["10.0.0.0/16"]}


def test_a_rule_for_a_subnet_has_a_longer_name_since_2026(ask, registry, subnet):
    ask.make(
        subnet, "2024-05-01", {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": [{"service": CONTAINER_REGISTRY}]}
    )
    id = f"{ask.group}/providers/{subnet}"
    rule = {"action": "Allow", "virtualNetworkSubnetResourceId": id}
    rules = {"properties": {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [rule]}}}

    answer = ask("PATCH", registry, "2026-09-01-preview", rules)

    assert answer.body["properties"]["networkRuleSet"]["virtualNetworkRules"] == [rule]
    assert ask("PATCH", registry, "2023-07-01", rules).status == 501
    old = ask.show(registry, "2019-12-01-preview")["properties"]["networkRuleSet"]
    assert old["virtualNetworkRules"] == [{"action": "Allow", "id": id}]
    assert "virtualNetworkRules" not in ask.show(registry, "2023-07-01")["properties"]["networkRuleSet"]


def test_a_zone_redundant_registry_has_a_replica_at_home(ask):
    path = "Microsoft.ContainerRegistry/registries/contoso"
    ask.make(path, "2023-11-01-preview", {"zoneRedundancy": "Enabled"}, sku={"name": "Premium"})

    home = ask("GET", f"{path}/replications/westus", "2023-11-01-preview")

    assert (home.status, home.body["properties"]["zoneRedundancy"]) == (200, "Enabled")


def test_a_registry_that_is_put_again_in_2023_is_answered_as_one_that_is_made(ask, registry):
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"adminUserEnabled": True}}

    answer = ask("PUT", registry, "2023-11-01-preview", body)

    assert (answer.status, "Azure-AsyncOperation" in answer.headers) == (201, True)


def test_a_registry_shows_its_one_private_link_resource(ask, registry):
    shown = ask("GET", f"{registry}/privateLinkResources/registry", "2023-07-01")

    assert (shown.status, shown.body["properties"]["groupId"]) == (200, "registry")
    assert ask("GET", f"{registry}/privateLinkResources/vault", "2023-07-01").status == 404


def test_a_registry_with_an_identity_says_who_it_is(ask, registry):
    identity = ask("PATCH", registry, "2023-11-01-preview", {"identity": {"type": "SystemAssigned"}}).body["identity"]

    assert sorted(identity) == ["principalId", "tenantId", "type"]


def test_an_address_keeps_the_scope_of_its_label(ask):
    names = {"domainNameLabel": "here", "domainNameLabelScope": "TenantReuse"}
    ask.make(PIP, "2022-11-01", {"publicIPAllocationMethod": "Static", "dnsSettings": names})

    assert ask.show(PIP, "2022-11-01")["properties"]["dnsSettings"]["domainNameLabelScope"] == "TenantReuse"


def test_an_interface_names_no_application_security_group_that_is_not_there(ask, subnet):
    group = {"id": f"{ask.group}/providers/Microsoft.Network/applicationSecurityGroups/nosuch"}
    held = {"subnet": {"id": f"{ask.group}/providers/{subnet}"}, "applicationSecurityGroups": [group]}
    body = {"location": "westus", "properties": {"ipConfigurations": [{"name": "one", "properties": held}]}}

    answer = ask("PUT", "Microsoft.Network/networkInterfaces/i", "2023-09-01", body)

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidResourceReference")


def test_a_role_is_given_to_a_principal_whose_kind_the_caller_tells(ask, registry):
    role = f"/subscriptions/{ask.world.setting('subscription')}/providers/Microsoft.Authorization/roleDefinitions"
    given = {
        "roleDefinitionId": f"{role}/7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "principalId": "11111111-2222-3333-4444-555555555555",
    }
    path = f"{registry}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001"

    unknown = ask("PUT", path, "2022-04-01", {"properties": given})
    told = ask("PUT", path, "2022-04-01", {"properties": {**given, "principalType": "ServicePrincipal"}})

    assert (unknown.body["error"]["code"], told.status) == ("PrincipalNotFound", 201)


def test_a_linux_vm_shows_how_it_is_set_up_and_a_command_its_time(ask, interface):
    vm = "Microsoft.Compute/virtualMachines/m"
    image = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}
    reference = {"id": f"{ask.group}/providers/{interface}"}
    ask.make(
        vm,
        "2024-07-01",
        {
            "hardwareProfile": {"vmSize": "Standard_B1s"},
            "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage"}},
            "osProfile": {"computerName": "m", "adminUsername": "u", "adminPassword": "Kept 2 itself"},
            "networkProfile": {"networkInterfaces": [reference]},
        },
    )
    command = ask.make(f"{vm}/runCommands/r", "2024-07-01", {"source": {"script": "echo hi"}})

    assert ask.show(vm, "2024-07-01")["properties"]["osProfile"]["linuxConfiguration"] == {
        "disablePasswordAuthentication": False,
        "provisionVMAgent": True,
        "patchSettings": {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"},
    }
    assert command.body["properties"]["timeoutInSeconds"] == 0


def test_a_template_has_text_over_several_lines_and_properties_as_one_expression(ask):
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    resource = {
        "type": "Microsoft.Network/virtualNetworks",
        "apiVersion": "2023-09-01",
        "name": "v",
        "location": "westus",
        "properties": "[variables('p')]",
    }
    template = {"$schema": schema, "contentVersion": "1.0.0.0", "variables": {"p": NETWORK}, "resources": [resource]}
    text = json.dumps({"properties": {"mode": "Incremental", "template": {**template, "outputs": {"o": "HERE"}}}})
    output = '{"type": "string", "value": "[concat(\n   \'x\',\n   \'y\')]"}'
    path = f"{ask.group}/providers/Microsoft.Resources/deployments/d"
    raw = text.replace('"HERE"', output).encode()

    answer = ask.azure.manager.handle(Request("PUT", "", path, {"api-version": "2022-09-01"}, {}, raw, "https://x"))
    ask.world.advance_to(ask.world.now + 100)

    assert answer.status == 201, answer.body
    assert ask.show("Microsoft.Resources/deployments/d", "2022-09-01")["properties"]["outputs"]["o"]["value"] == "xy"
    assert ask("GET", "Microsoft.Network/virtualNetworks/v", "2023-09-01").status == 200


@pytest.mark.parametrize(("version", "known"), [("2020-08-01", False), ("2020-11-01", True), ("2021-02-01", True)])
def test_a_peering_tells_of_gateways_that_are_not_verified_from_one_version_on(ask, version, known):
    """As recorded by Azure/azure-service-operator."""
    for name, third in (("near", 0), ("far", 1)):
        space = {"addressSpace": {"addressPrefixes": [f"10.{third}.0.0/16"]}}
        ask.make(f"Microsoft.Network/virtualNetworks/{name}", version, space)
    far = f"{ask.group}/providers/Microsoft.Network/virtualNetworks/far"
    path = "Microsoft.Network/virtualNetworks/near/virtualNetworkPeerings/p"

    made = ask("PUT", path, version, {"properties": {"remoteVirtualNetwork": {"id": far}}})

    assert made.status == 201
    assert made.body["properties"].get("doNotVerifyRemoteGateways") is (False if known else None)
