"""VMs and what they stand on: interfaces, addresses, security groups."""

import json
from datetime import datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import Request
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.resolver import resolve, stub_cache

KEYS = "/home/azureuser/.ssh/authorized_keys"
UBUNTU = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


def test_a_vm_gets_the_first_free_address_and_a_principal_of_its_own(cloud):
    interface = cloud.interface(cloud.subnet())

    vm = cloud.vm(interface)

    assert interface.ip_configurations[0].private_ip_address == "10.0.0.4"
    assert vm.identity.principal_id
    assert vm.storage_profile.os_disk.name.startswith("m_disk1_")


def test_a_password_is_never_shown(cloud):
    vm = cloud.vm(cloud.interface(cloud.subnet()))

    assert "Kept 2 itself" not in str(vm.as_dict())
    assert "Kept 2 itself" not in str(cloud.compute.virtual_machines.get("g", "m").as_dict())


def test_the_instance_view_tells_what_the_agent_sees(cloud):
    vm = cloud.vm(cloud.interface(cloud.subnet()))

    view = cloud.compute.virtual_machines.get("g", "m", expand="instanceView").instance_view

    assert (view.computer_name, view.os_name, view.os_version, view.hyper_v_generation) == (
        "m",
        "ubuntu",
        "22.04",
        "V2",
    )
    assert [s.code for s in view.statuses] == ["ProvisioningState/succeeded", "PowerState/running"]
    assert [(s.display_status, s.message) for s in view.vm_agent.statuses] == [("Ready", "Guest Agent is running")]
    assert [d.name for d in view.disks] == [vm.storage_profile.os_disk.name]


@pytest.mark.parametrize(
    ("ask", "power"),
    [("begin_power_off", "stopped"), ("begin_deallocate", "deallocated"), ("begin_restart", "running")],
)
def test_the_instance_view_tells_whether_it_runs(cloud, ask, power):
    cloud.vm(cloud.interface(cloud.subnet()))
    getattr(cloud.compute.virtual_machines, ask)("g", "m").result()

    view = cloud.compute.virtual_machines.instance_view("g", "m")

    assert [s.code for s in view.statuses] == ["ProvisioningState/succeeded", f"PowerState/{power}"]
    assert bool(view.vm_agent) == (power == "running")


def test_a_vm_that_was_stopped_starts_again(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    vms = cloud.compute.virtual_machines
    vms.begin_deallocate("g", "m").result()

    vms.begin_start("g", "m").result()

    assert vms.instance_view("g", "m").statuses[1].display_status == "VM running"


@pytest.mark.parametrize(
    ("ask", "on_the_way", "there"),
    [
        ("begin_power_off", "PowerState/stopping", "PowerState/stopped"),
        ("begin_deallocate", "PowerState/deallocating", "PowerState/deallocated"),
    ],
)
def test_switching_takes_its_time_and_a_second_time_changes_nothing(cloud, ask, on_the_way, there):
    cloud.vm(cloud.interface(cloud.subnet()))
    vms = cloud.compute.virtual_machines
    getattr(vms, ask)("g", "m", polling=False)
    first = vms.instance_view("g", "m").statuses[1].code

    getattr(vms, ask)("g", "m").result()
    second = vms.instance_view("g", "m").statuses[1].code
    getattr(vms, ask)("g", "m", polling=False)

    assert (first, second, vms.instance_view("g", "m").statuses[1].code) == (on_the_way, there, there)


@pytest.mark.parametrize(("ask", "name"), [("begin_power_off", "powerOff"), ("begin_restart", "restart")])
def test_a_deallocated_vm_has_nothing_to_stop(cloud, ask, name):
    cloud.vm(cloud.interface(cloud.subnet()))
    vms = cloud.compute.virtual_machines
    vms.begin_deallocate("g", "m").result()

    with pytest.raises(HttpResponseError) as caught:
        getattr(vms, ask)("g", "m")

    assert (caught.value.status_code, caught.value.error.code) == (409, "OperationNotAllowed")
    assert caught.value.error.message == (
        f"Operation '{name}' is not allowed on VM 'm' since the VM is either deallocated or marked to be deallocated. "
        "Please refer to https://aka.ms/vmpowerstates  to learn about different VM power states."
    )


def test_a_stopped_vm_is_not_restarted_but_can_be_stopped_at_once(cloud, refused):
    cloud.vm(cloud.interface(cloud.subnet()))
    vms = cloud.compute.virtual_machines
    vms.begin_power_off("g", "m", skip_shutdown=True).result()

    assert vms.instance_view("g", "m").statuses[1].code == "PowerState/stopped"
    assert refused(lambda: vms.begin_restart("g", "m")) == (409, "OperationNotAllowed")


def test_a_new_vm_is_created_and_a_known_one_updated(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g"
    path = f"{group}/providers/Microsoft.Compute/virtualMachines/m"
    body = json.dumps(cloud.world.show(cloud.world.find(path))).encode()

    answer = cloud.opened.azure.manager.handle(
        Request("PUT", "", path, {"api-version": "2024-07-01"}, {}, body, "https://management.azure.com")
    )

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (200, "Updating")
    assert "Azure-AsyncOperation" in answer.headers
    assert answer.body["properties"]["osProfile"]["adminUsername"] == "azureuser"


def test_an_identity_can_be_taken_and_given_back(cloud):
    vms, made = cloud.compute.virtual_machines, cloud.vm(cloud.interface(cloud.subnet()))

    without = vms.begin_update("g", "m", {"identity": {"type": "None"}, "tags": {"kept": "yes"}}).result()
    back = vms.begin_update("g", "m", {"identity": {"type": "SystemAssigned"}}).result()

    assert (without.identity, without.tags) == (None, {"kept": "yes"})
    assert back.identity.principal_id == made.identity.principal_id


def raw(cloud, method, path, version, body=None):
    """Ask Resource Manager itself: the SDK hides what is not in its models."""
    root = f"/subscriptions/{cloud.opened.subscription}"
    sent = json.dumps(body).encode() if body is not None else b""
    question = Request(method, "", root + path, {"api-version": version}, {}, sent, "https://management.azure.com")
    return cloud.opened.azure.manager.handle(question)


VM = "/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m"


def test_compute_writes_its_times_with_an_offset(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))

    shown = raw(cloud, "GET", VM, "2024-07-01").body["properties"]
    view = raw(cloud, "GET", f"{VM}/instanceView", "2024-07-01").body

    agent, platform = view["vmAgent"]["statuses"][0]["time"], view["statuses"][0]["time"]
    for moment in (shown["timeCreated"], platform, agent, view["disks"][0]["statuses"][0]["time"]):
        assert datetime.fromisoformat(moment).utcoffset() == timedelta(0)
        assert moment.endswith("+00:00")
    assert "." not in agent


def test_a_vm_that_is_being_made_sets_up_its_system(cloud):
    interface, vms = cloud.interface(cloud.subnet()), cloud.compute.virtual_machines
    cloud.vm(interface)
    body = vms.get("g", "m")
    vms.begin_delete("g", "m").result()
    body.properties.os_profile.admin_password = "Kept 2 itself"
    disk = body.properties.storage_profile.os_disk
    disk.name = disk.managed_disk.id = None
    vms.begin_create_or_update("g", "m", body, polling=False)

    view = raw(cloud, "GET", f"{VM}/instanceView", "2024-07-01").body
    disk = raw(cloud, "GET", VM, "2024-07-01").body["properties"]["storageProfile"]["osDisk"]

    assert "vmAgent" not in view
    assert view["statuses"][0] == {
        "code": "ProvisioningState/creating/osProvisioningInProgress",
        "level": "Info",
        "displayStatus": "OS provisioning in progress",
    }
    assert list(disk["managedDisk"]) == ["storageAccountType"]


def test_a_new_vm_s_agent_is_not_ready_at_once_where_things_take_their_time(cloud):
    cloud.world.set_setting("timing", "as-azure")
    made = cloud.vm(cloud.interface(cloud.subnet()))
    agent = cloud.compute.virtual_machines.instance_view("g", "m").vm_agent

    cloud.world.advance_to(cloud.world.now + lateness.BOOT_S)

    later = cloud.compute.virtual_machines.instance_view("g", "m").vm_agent
    assert made.provisioning_state == "Succeeded"
    assert (agent.vm_agent_version, agent.statuses[0].display_status) == ("Unknown", "Not Ready")
    assert later.statuses[0].display_status == "Ready"


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ({"deleteOption": None}, None),
        ({"primary": True}, {"primary": True, "deleteOption": "Detach"}),
        ({"primary": True, "deleteOption": None}, {"primary": True, "deleteOption": "Detach"}),
        ({"deleteOption": "Delete"}, {"deleteOption": "Delete"}),
    ],
)
def test_what_is_said_of_an_interface_is_shown_and_nulls_say_nothing(cloud, properties, shown):
    interface = cloud.interface(cloud.subnet())

    cloud.vm(interface, networkProfile={"networkInterfaces": [{"id": interface.id, "properties": properties}]})

    (reference,) = raw(cloud, "GET", VM, "2024-07-01").body["properties"]["networkProfile"]["networkInterfaces"]
    assert reference.get("properties") == shown


def test_a_vm_shows_what_its_api_version_knows(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))

    def known(version):
        shown = raw(cloud, "GET", VM, version).body["properties"]
        stored, linux = shown["storageProfile"], shown["osProfile"]["linuxConfiguration"]
        return (
            "exactVersion" in stored["imageReference"],
            "patchSettings" in linux,
            "deleteOption" in stored["osDisk"],
            "timeCreated" in shown,
            stored.get("diskControllerType"),
        )

    assert known("2019-03-01") == (False, False, False, False, None)
    assert known("2019-07-01") == (True, False, False, False, None)
    assert known("2020-12-01") == (True, True, False, False, None)
    assert known("2021-03-01") == (True, True, True, False, None)
    assert known("2021-11-01") == (True, True, True, True, None)
    assert known("2022-08-01") == (True, True, True, True, "SCSI")


def test_a_vm_of_the_first_generation_names_no_disk_controller(cloud):
    image = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}

    cloud.vm(cloud.interface(cloud.subnet()), storageProfile={"imageReference": image})

    assert "diskControllerType" not in raw(cloud, "GET", VM, "2024-07-01").body["properties"]["storageProfile"]


def test_the_interface_of_a_deallocated_vm_has_no_name_inside_its_network(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()
    away = cloud.network.network_interfaces.get("g", "i").dns_settings.internal_domain_name_suffix

    cloud.compute.virtual_machines.begin_start("g", "m").result()

    back = cloud.network.network_interfaces.get("g", "i").dns_settings.internal_domain_name_suffix
    assert (away, bool(back)) == (None, True)


def test_a_vm_keeps_its_image(cloud, refused):
    interface = cloud.interface(cloud.subnet())
    cloud.vm(interface)
    other = {"imageReference": {**UBUNTU, "offer": "ubuntu-24_04-lts", "sku": "server"}}

    assert refused(lambda: cloud.vm(interface, storageProfile=other)) == (409, "PropertyChangeNotAllowed")


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (None, "Required parameter 'osProfile' is missing (null)."),
        ({"adminUsername": "admin", "adminPassword": "Kept 2 itself"}, "The Admin Username specified is not allowed."),
        (
            {"adminUsername": "azureuser"},
            "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
        ),
        (
            {"adminUsername": "azureuser", "linuxConfiguration": {"disablePasswordAuthentication": True}},
            "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
        ),
        ({"adminUsername": "azureuser", "adminPassword": "weak"}, "The supplied password must be between 6-72 char"),
    ],
)
def test_somebody_has_to_be_able_to_log_in(cloud, profile, words):
    interface = cloud.interface(cloud.subnet())

    with pytest.raises(HttpResponseError) as caught:
        cloud.vm(interface, osProfile=profile)

    assert (caught.value.status_code, caught.value.error.code) == (400, "InvalidParameter")
    assert caught.value.error.message.startswith(words)


def test_data_disks_are_kept_and_shown_though_nothing_is_on_them(cloud):
    disks = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 1}]
    profile = {"imageReference": UBUNTU, "dataDisks": disks}

    made = cloud.vm(cloud.interface(cloud.subnet()), storageProfile=profile)

    assert [(d.lun, d.disk_size_gb) for d in made.storage_profile.data_disks] == [(0, 1)]


def test_a_key_is_enough_and_the_computer_is_named_after_the_vm(cloud):
    keys = {"publicKeys": [{"path": KEYS, "keyData": "ssh-ed25519 AAAA"}]}
    linux = {"disablePasswordAuthentication": True, "ssh": keys}

    made = cloud.vm(
        cloud.interface(cloud.subnet()), osProfile={"adminUsername": "azureuser", "linuxConfiguration": linux}
    )

    assert (made.os_profile.computer_name, made.os_profile.linux_configuration.ssh.public_keys[0].key_data) == (
        "m",
        "ssh-ed25519 AAAA",
    )


def test_where_passwords_are_off_a_key_may_be_sent_as_one(cloud):
    """As Azure's own template does, with one parameter for either."""
    key = f"ssh-rsa {'A' * 370}"
    linux = {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [{"path": KEYS, "keyData": key}]}}
    profile = {"adminUsername": "azureuser", "adminPassword": key, "linuxConfiguration": linux}

    made = cloud.vm(cloud.interface(cloud.subnet()), osProfile=profile)

    assert made.provisioning_state == "Succeeded"


def test_of_two_interfaces_one_comes_first(cloud, refused):
    subnet = cloud.subnet()
    one, two = cloud.interface(subnet, "one"), cloud.interface(subnet, "two")
    first = {"id": one.id, "properties": {"primary": True}}

    code = (400, "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary")
    both = [{"id": one.id}, {"id": two.id}]
    assert refused(lambda: cloud.vm(one, networkProfile={"networkInterfaces": both})) == code
    cloud.vm(one, networkProfile={"networkInterfaces": [first, {"id": two.id}]})


def test_the_interface_of_an_endpoint_is_not_for_vms(cloud, refused):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    interface = cloud.network.network_interfaces.get("g", endpoint.network_interfaces[0].id.rpartition("/")[2])

    assert refused(lambda: cloud.vm(interface)) == (400, "CannotModifyNicAttachedToPrivateEndpoint")


def test_an_interface_goes_with_its_vm_where_that_was_asked_for(cloud):
    interface = cloud.interface(cloud.subnet())
    reference = {"id": interface.id, "properties": {"deleteOption": "Delete"}}
    cloud.vm(interface, networkProfile={"networkInterfaces": [reference]})

    cloud.compute.virtual_machines.begin_delete("g", "m").result()
    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert list(cloud.network.network_interfaces.list("g")) == []


def test_a_stopped_vm_runs_no_commands(cloud, refused):
    cloud.vm(cloud.interface(cloud.subnet()))
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()
    body = {"commandId": "RunShellScript", "script": ["true"]}

    with pytest.raises(HttpResponseError) as caught:
        cloud.compute.virtual_machines.begin_run_command("g", "m", body)

    assert (caught.value.status_code, caught.value.error.code) == (409, "OperationNotAllowed")
    assert caught.value.error.message == "The operation requires the VM to be running (or set to run)."


def test_a_command_s_output_comes_in_the_agent_s_form(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    body = {"commandId": "RunShellScript", "script": ["echo out", "echo err >&2"]}

    answer = cloud.compute.virtual_machines.begin_run_command("g", "m", body).result()

    assert answer.value[0].message == "Enable succeeded: \n[stdout]\nout\n\n[stderr]\nerr\n"


def test_a_command_brings_back_the_last_4096_bytes_of_each_stream(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    lines = 'for i in $(seq 1 2000); do echo "é$i"; echo "e$i" >&2; done; exit 7'
    body = {"commandId": "RunShellScript", "script": [lines]}

    message = cloud.compute.virtual_machines.begin_run_command("g", "m", body).result().value[0].message

    whole = "".join(f"é{i}\n" for i in range(1, 2001)).encode()[-4096:].decode("utf-8", "replace")
    errors = "".join(f"e{i}\n" for i in range(1, 2001))[-4096:]
    assert message == f"Enable succeeded: \n[stdout]\n{whole}\n[stderr]\n{errors}"


def test_the_agent_is_busy_while_a_command_runs_and_in_a_late_world_a_little_longer(cloud, refused):
    cloud.world.set_setting("timing", "as-azure")
    cloud.vm(cloud.interface(cloud.subnet()))
    body = {"commandId": "RunShellScript", "script": ["true"]}
    ask = lambda: cloud.compute.virtual_machines.begin_run_command("g", "m", body, polling=False)  # noqa: E731
    ask()

    assert refused(ask) == (409, "Conflict")
    cloud.world.advance_to(cloud.world.now + 18)
    assert refused(ask) == (409, "Conflict")
    cloud.world.advance_to(cloud.world.now + 5)
    ask()


def test_a_script_that_fails_is_a_success_to_the_agent(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    body = {"commandId": "RunShellScript", "script": ["false"]}

    answer = cloud.compute.virtual_machines.begin_run_command("g", "m", body).result()

    assert (answer.value[0].code, answer.value[0].message) == (
        "ProvisioningState/succeeded",
        "Enable succeeded: \n[stdout]\n\n[stderr]\n",
    )


def test_a_command_s_parameters_come_by_name_and_by_place(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    given = [{"name": "who", "value": "it's me"}, {"name": "2nd", "value": "$x"}]
    body = {"commandId": "RunShellScript", "script": ["echo $who, $1, $2"], "parameters": given}

    answer = cloud.compute.virtual_machines.begin_run_command("g", "m", body).result()

    assert answer.value[0].message == "Enable succeeded: \n[stdout]\nit's me, it's me, $x\n\n[stderr]\n"


@pytest.mark.parametrize(("command", "code"), [("Bogus", (404, "NotFound")), ("ifconfig", (501, "NotEmulated"))])
def test_other_commands_than_a_script_are_refused(cloud, refused, command, code):
    cloud.vm(cloud.interface(cloud.subnet()))
    body = {"commandId": command, "script": ["true"]}

    assert refused(lambda: cloud.compute.virtual_machines.begin_run_command("g", "m", body)) == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"hardwareProfile": {"vmSize": "Standard_Bogus"}}, "InvalidParameter"),
        ({"hardwareProfile": {"vmSize": "Standard_F2"}}, "NotEmulated"),
        ({"hardwareProfile": {"vmSize": "Standard_E4-2ads_v5"}}, "NotEmulated"),
        ({"hardwareProfile": {"vmSize": "Standard_NV6ads_A10_v5"}}, "NotEmulated"),
        (
            {"storageProfile": {"imageReference": {"publisher": "Nobody", "offer": "o", "sku": "s", "version": "1"}}},
            "PlatformImageNotFound",
        ),
    ],
)
def test_sizes_and_images_that_are_not_offered_are_refused(cloud, refused, more, code):
    interface = cloud.interface(cloud.subnet())

    assert refused(lambda: cloud.vm(interface, **more))[1] == code


def test_an_interface_in_use_stays_and_serves_one_vm(cloud, refused):
    interface = cloud.interface(cloud.subnet())
    cloud.vm(interface)

    assert refused(lambda: cloud.network.network_interfaces.begin_delete("g", "i").result()) == (400, "NicInUse")
    assert refused(lambda: cloud.vm(interface, "another")) == (400, "NicInUse")


def test_what_a_vm_stands_on_stays_when_it_goes(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))

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


def test_a_restart_begins_with_an_empty_cache_of_names(cloud):
    vm = cloud.vm(cloud.interface(cloud.subnet()))
    cloud.world.set_setting("timing", "as-azure")
    vantage = vantage_of(cloud.world, cloud.world.find(vm.id))
    kept = "SELECT count(*) FROM kept_name WHERE cache = ?"

    resolve(cloud.world, "management.azure.com", vantage)
    before = stub_cache(cloud.world, vantage)
    cloud.compute.virtual_machines.begin_restart("g", "m").result()
    after = stub_cache(cloud.world, vantage)

    assert [cloud.world.db.rows(kept, (one.of,))[0][0] for one in (before, after)] == [1, 0]


@pytest.mark.parametrize("said", [{}, None])
def test_additional_capabilities_may_be_mentioned_as_long_as_none_is_asked_for(cloud, said):
    made = cloud.vm(cloud.interface(cloud.subnet()), additionalCapabilities=said)

    assert (made.provisioning_state, made.additional_capabilities) == ("Succeeded", None)


def test_an_additional_capability_is_not_modelled(cloud, refused):
    card = cloud.interface(cloud.subnet())

    made_with = lambda **more: cloud.vm(card, additionalCapabilities=more)  # noqa: E731
    assert refused(lambda: made_with(ultraSSDEnabled=True)) == (501, "NotEmulated")
    assert refused(lambda: made_with(hibernationEnabled=False)) == (501, "NotEmulated")


TERRAFORM = {
    "applicationProfile": {},
    "priority": "Regular",
    "extensionsTimeBudget": "PT1H30M",
}


def test_what_terraform_always_says_of_a_vm_is_taken(cloud):
    vm = cloud.vm(cloud.interface(cloud.subnet()), **TERRAFORM)

    assert (vm.priority, vm.extensions_time_budget, vm.application_profile) == ("Regular", "PT1H30M", None)


@pytest.mark.parametrize("budget", ["PT15M", "PT90M", "PT2H"])
def test_extensions_may_take_from_a_quarter_of_an_hour_to_two_hours(cloud, budget):
    vm = cloud.vm(cloud.interface(cloud.subnet()), extensionsTimeBudget=budget)

    assert vm.extensions_time_budget == budget


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"extensionsTimeBudget": "PT14M"}, 400),
        ({"extensionsTimeBudget": "PT2H1M"}, 400),
        ({"extensionsTimeBudget": "90"}, 400),
        ({"priority": "Spot"}, 501),
        ({"priority": "High"}, 400),
        ({"applicationProfile": {"galleryApplications": [{}]}}, 501),
    ],
)
def test_priorities_and_times_that_are_not_taken(cloud, refused, more, status):
    interface = cloud.interface(cloud.subnet())

    assert refused(lambda: cloud.vm(interface, **more))[0] == status


@pytest.mark.parametrize(
    "change",
    [
        {"osProfile": {"allowExtensionOperations": False}},
        {"osProfile": {"requireGuestProvisionSignal": False}},
        {"osProfile": {"secrets": [{"sourceVault": {}}]}},
        {"storageProfile": {"osDisk": {"writeAcceleratorEnabled": True}}},
    ],
)
def test_a_vm_is_not_quietly_something_else_than_what_was_asked_for(cloud, refused, change):
    cloud.vm(cloud.interface(cloud.subnet()))

    refusal = refused(lambda: cloud.compute.virtual_machines.begin_update("g", "m", {"properties": change}))

    assert refusal == (501, "NotEmulated")


def test_a_disk_without_an_accelerator_may_be_asked_for(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    change = {"properties": {"storageProfile": {"osDisk": {"writeAcceleratorEnabled": False}}}}

    changed = cloud.compute.virtual_machines.begin_update("g", "m", change).result()

    assert changed.storage_profile.os_disk.write_accelerator_enabled is False


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"script": "echo hello"}, (400, "InvalidParameter")),
        ({"script": [5]}, (400, "InvalidParameter")),
        ({"parameters": [{"name": "a"}]}, (400, "InvalidParameter")),
        ({"parameters": [{"name": "a", "value": 5}]}, (400, "InvalidParameter")),
        ({"timeoutInSeconds": 5}, (501, "NotEmulated")),
    ],
)
def test_a_command_s_body_is_read_before_it_runs(cloud, refused, body, expected):
    cloud.vm(cloud.interface(cloud.subnet()))

    asked = {"commandId": "RunShellScript", **body}

    assert refused(lambda: cloud.compute.virtual_machines.begin_run_command("g", "m", asked)) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"allowExtensionOperations": False},
        {"requireGuestProvisionSignal": False},
        {"secrets": [{"sourceVault": {"id": "/subscriptions/s"}, "vaultCertificates": []}]},
    ],
    ids=["extensions", "signal", "secrets"],
)
def test_what_a_vm_s_system_would_have_otherwise_is_not_passed_over(cloud, refused, change):
    made = cloud.vm(cloud.interface(cloud.subnet())).as_dict()["properties"]["osProfile"]
    update = cloud.compute.virtual_machines.begin_update

    assert refused(lambda: update("g", "m", {"properties": {"osProfile": change}})) == (501, "NotEmulated")
    update("g", "m", {"properties": {"osProfile": made}}).result()


def test_a_system_disk_that_is_not_named_is_made_from_the_image(cloud):
    made = cloud.vm(cloud.interface(cloud.subnet()), storageProfile={"imageReference": UBUNTU})

    disk = made.properties.storage_profile.os_disk
    assert (disk.create_option, disk.os_type, disk.caching) == ("FromImage", "Linux", "ReadWrite")


def test_a_system_disk_that_is_a_copy_is_not_a_mistake(cloud, refused):
    profile = {"imageReference": UBUNTU, "osDisk": {"createOption": "Copy"}}

    made = cloud.interface(cloud.subnet())
    assert refused(lambda: cloud.vm(made, storageProfile=profile)) == (501, "NotEmulated")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"customData": "IyE="}, "customData"),
        ({"adminUsername": "other"}, "adminUsername"),
        ({"computerName": "other"}, "computerName"),
        (
            {
                "linuxConfiguration": {
                    "ssh": {"publicKeys": [{"path": "/home/azureuser/.ssh/authorized_keys", "keyData": "k"}]}
                }
            },
            "linuxConfiguration.ssh.publicKeys",
        ),
        (
            {"linuxConfiguration": {"disablePasswordAuthentication": True}},
            "linuxConfiguration.disablePasswordAuthentication",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_vm_was_set_up_with_stays(cloud, change, name):
    cloud.vm(cloud.interface(cloud.subnet()))

    with pytest.raises(HttpResponseError) as caught:
        cloud.compute.virtual_machines.begin_update("g", "m", {"properties": {"osProfile": change}})

    error = caught.value.error
    assert (caught.value.status_code, error.code, error.target) == (409, "PropertyChangeNotAllowed", name)
    assert error.message == f"Changing property '{name}' is not allowed."


def test_a_vm_may_be_written_again_with_what_it_was_set_up_with(cloud):
    system = {
        "computerName": "m",
        "adminUsername": "azureuser",
        "customData": "IyE=",
        "linuxConfiguration": {
            "disablePasswordAuthentication": True,
            "ssh": {"publicKeys": [{"path": "/home/azureuser/.ssh/authorized_keys", "keyData": "ssh-rsa AAAA"}]},
        },
    }
    interface = cloud.interface(cloud.subnet())
    cloud.vm(interface, osProfile=system)

    assert cloud.vm(interface, osProfile=system).properties.provisioning_state == "Succeeded"
