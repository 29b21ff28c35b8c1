"""Machines and what they stand on: interfaces, addresses, security groups, images."""

import pytest


def test_a_machine_gets_the_first_free_address_and_a_principal_of_its_own(cloud):
    interface = cloud.interface(cloud.subnet())

    machine = cloud.machine(interface)

    assert interface.ip_configurations[0].private_ip_address == "10.0.0.4"
    assert machine.identity.principal_id
    assert machine.storage_profile.os_disk.name.startswith("m_disk1_")


def test_a_password_is_never_shown(cloud):
    machine = cloud.machine(cloud.interface(cloud.subnet()))

    assert "kept to itself" not in str(machine.as_dict())
    assert "kept to itself" not in str(cloud.compute.virtual_machines.get("g", "m").as_dict())


def test_the_instance_view_tells_whether_it_runs(cloud):
    cloud.machine(cloud.interface(cloud.subnet()))
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    view = cloud.compute.virtual_machines.instance_view("g", "m")

    assert [s.code for s in view.statuses] == ["ProvisioningState/succeeded", "PowerState/deallocated"]


def test_a_stopped_machine_runs_no_commands(cloud, refused):
    cloud.machine(cloud.interface(cloud.subnet()))
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()
    body = {"commandId": "RunShellScript", "script": ["true"]}

    code = refused(lambda: cloud.compute.virtual_machines.begin_run_command("g", "m", body))

    assert code == (409, "OperationNotAllowed")


def test_a_command_s_output_comes_in_the_agent_s_form(cloud):
    cloud.machine(cloud.interface(cloud.subnet()))
    body = {"commandId": "RunShellScript", "script": ["echo out", "echo err >&2"]}

    answer = cloud.compute.virtual_machines.begin_run_command("g", "m", body).result()

    assert answer.value[0].message == "Enable succeeded: \n[stdout]\nout\n\n[stderr]\nerr\n"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"hardwareProfile": {"vmSize": "Standard_Bogus"}}, "InvalidParameter"),
        (
            {"storageProfile": {"imageReference": {"publisher": "Nobody", "offer": "o", "sku": "s", "version": "1"}}},
            "PlatformImageNotFound",
        ),
    ],
)
def test_sizes_and_images_that_are_not_offered_are_refused(cloud, refused, more, code):
    interface = cloud.interface(cloud.subnet())

    assert refused(lambda: cloud.machine(interface, **more))[1] == code


def test_an_interface_in_use_stays_and_serves_one_machine(cloud, refused):
    interface = cloud.interface(cloud.subnet())
    cloud.machine(interface)

    assert refused(lambda: cloud.network.network_interfaces.begin_delete("g", "i").result()) == (400, "NicInUse")
    assert refused(lambda: cloud.machine(interface, "another")) == (400, "NicInUse")


def test_what_a_machine_stands_on_stays_when_it_goes(cloud):
    cloud.machine(cloud.interface(cloud.subnet()))

    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert [i.name for i in cloud.network.network_interfaces.list("g")] == ["i"]


def test_a_chosen_address_is_kept_for_its_interface(cloud, refused):
    subnet = cloud.subnet()
    fixed = {"privateIPAllocationMethod": "Static", "privateIPAddress": "10.0.0.9"}

    assert cloud.interface(subnet, "one", **fixed).ip_configurations[0].private_ip_address == "10.0.0.9"
    assert refused(lambda: cloud.interface(subnet, "two", **fixed)) == (400, "PrivateIPAddressIsAllocated")


def test_a_subnet_in_use_stays_and_names_its_user(cloud, refused):
    cloud.interface(cloud.subnet())

    code = (400, "InUseSubnetCannotBeDeleted")
    assert refused(lambda: cloud.network.subnets.begin_delete("g", "v", "s").result()) == code
    assert refused(lambda: cloud.network.virtual_networks.begin_delete("g", "v").result()) == code


def test_a_public_address_in_use_stays(cloud, refused):
    body = {"location": "westus", "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    address = cloud.network.public_ip_addresses.begin_create_or_update("g", "p", body).result()
    cloud.interface(cloud.subnet(), publicIPAddress={"id": address.id})

    assert address.ip_address == "203.0.113.77"
    code = refused(lambda: cloud.network.public_ip_addresses.begin_delete("g", "p").result())
    assert code == (400, "PublicIPAddressCannotBeDeleted")


def test_a_security_group_ends_with_six_default_rules_and_stays_while_it_is_used(cloud, refused):
    group = cloud.network.network_security_groups.begin_create_or_update("g", "n", {"location": "westus"}).result()
    subnet = cloud.subnet()
    subnet.network_security_group = {"id": group.id}
    cloud.network.subnets.begin_create_or_update("g", "v", "s", subnet).result()

    assert [r.name for r in group.default_security_rules] == [
        "AllowVnetInBound",
        "AllowAzureLoadBalancerInBound",
        "DenyAllInBound",
        "AllowVnetOutBound",
        "AllowInternetOutBound",
        "DenyAllOutBound",
    ]
    code = refused(lambda: cloud.network.network_security_groups.begin_delete("g", "n").result())
    assert code == (400, "InUseNetworkSecurityGroupCannotBeDeleted")


def test_two_rules_of_a_direction_can_not_share_a_number(cloud, refused):
    def rule(name):
        properties = {"protocol": "*", "access": "Allow", "direction": "Inbound", "priority": 100}
        return {"name": name, "properties": properties}

    body = {"location": "westus", "properties": {"securityRules": [rule("one"), rule("two")]}}
    operations = cloud.network.network_security_groups

    assert refused(lambda: operations.begin_create_or_update("g", "n", body)) == (400, "SecurityRuleConflict")


def test_the_newest_image_of_a_sku_can_be_looked_up(cloud):
    found = cloud.compute.virtual_machine_images.list(
        "westus", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", top=1, orderby="name desc"
    )

    assert [image.name for image in found] == ["22.04.202601080"]


def test_an_unknown_publisher_is_named(cloud, refused):
    images = cloud.compute.virtual_machine_images

    assert refused(lambda: list(images.list_offers("westus", "fooBAR"))) == (404, "NotFound")
