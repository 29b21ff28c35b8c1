"""No port of the VM is open to the internet, unless a setting names who may come in."""

import pytest

import acrlab


def rules(lab):
    return lab.network.network_security_groups.get("myResourceGroup", "myDockerVMNSG").security_rules


def test_nothing_from_the_internet_gets_in(lab):
    acrlab.bring_to(lab, "vm")

    assert rules(lab) == []


def test_run_command_and_the_way_out_need_no_open_port(lab):
    acrlab.bring_to(lab, "docker")

    assert acrlab.run_on_vm(lab, "docker --version").exit_code == 0
    assert acrlab.steps.vm_addresses(lab).public  # the explicit way out


def test_one_address_may_come_in_by_ssh_where_a_setting_names_it(lab):
    lab.settings = lab.settings.model_copy(update={"ssh_source": "203.0.113.7/32"})
    acrlab.bring_to(lab, "vm")

    (rule,) = rules(lab)
    assert (rule.source_address_prefix, rule.destination_port_range) == ("203.0.113.7/32", "22")


@pytest.mark.parametrize("source", ["*", "Internet", "0.0.0.0/0"])
def test_the_whole_internet_is_no_source(source):
    with pytest.raises(acrlab.ConfigurationError, match="Address or range that may reach the VM by SSH"):
        acrlab.Settings.from_parameters(ssh_source=source)
