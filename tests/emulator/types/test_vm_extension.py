"""The custom script extension: run by the VM's agent when its settings change, and reported as the agent does."""

import base64
import gzip

import pytest
from azure.core.exceptions import HttpResponseError

SCRIPTS = {"publisher": "Microsoft.Azure.Extensions", "type": "CustomScript", "typeHandlerVersion": "2.1"}
FOLDER = "/var/lib/waagent/custom-script/download"


@pytest.fixture
def vm(cloud):
    return cloud.vm(cloud.interface(cloud.subnet()))


@pytest.fixture
def extensions(cloud, vm):
    return cloud.compute.virtual_machine_extensions


def put(extensions, command="echo hi", name="CustomScript", **properties):
    settings = {"settings": {"commandToExecute": command}} if command else {}
    body = {"location": "westus", "properties": {**SCRIPTS, "autoUpgradeMinorVersion": True, **settings, **properties}}
    return extensions.begin_create_or_update("g", "m", name, body)


def status(extensions, name="CustomScript"):
    (told,) = extensions.get("g", "m", name, expand="instanceView").instance_view.statuses
    return told


def failure(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.error


def encoded(text, pack=lambda raw: raw):
    return base64.b64encode(pack(text.encode())).decode()


def run_on_vm(cloud, script):
    body = {"commandId": "RunShellScript", "script": [script]}
    return cloud.compute.virtual_machines.begin_run_command("g", "m", body).result().value[0].message


# -- what it runs ------------------------------------------------------------------------------------------------------


def test_a_command_runs_on_the_vm_and_its_streams_are_in_the_instance_view(cloud, extensions):
    made = put(extensions, "echo out; echo wrong >&2; echo kept > /var/log/kept").result()

    view = extensions.get("g", "m", "CustomScript", expand="instanceView").instance_view
    assert (made.provisioning_state, made.instance_view) == ("Succeeded", None)
    assert (view.name, view.type) == ("CustomScript", "Microsoft.Azure.Extensions.CustomScript")
    assert view.type_handler_version == "2.1.14"
    (told,) = view.statuses
    assert (told.code, told.level, told.display_status) == (
        "ProvisioningState/succeeded",
        "Info",
        "Provisioning succeeded",
    )
    assert told.message == "Enable succeeded: \n[stdout]\nout\n\n[stderr]\nwrong\n"
    assert "[stdout]\nkept\n" in run_on_vm(cloud, "cat /var/log/kept")


def test_it_runs_in_a_folder_of_its_own_that_keeps_its_streams(cloud, extensions):
    put(extensions, "pwd").result()

    assert f"[stdout]\n{FOLDER}/0\n" in status(extensions).message
    assert f"[stdout]\n{FOLDER}/0\n" in run_on_vm(cloud, f"cat {FOLDER}/0/stdout")


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress])
def test_a_script_is_sent_in_base64_and_maybe_packed(extensions, pack):
    script = encoded('#!/bin/bash\r\necho "it\'s $0"\r\n', pack)

    put(extensions, "", settings={"script": script}).result()

    assert f"[stdout]\nit's {FOLDER}/0/script.sh\n" in status(extensions).message


def test_protected_settings_are_used_and_never_shown(cloud, extensions):
    made = put(extensions, "", protectedSettings={"commandToExecute": "echo hidden"}).result()

    assert "[stdout]\nhidden\n" in status(extensions).message
    assert (made.settings, made.protected_settings) == (None, None)
    assert cloud.compute.virtual_machines.get("g", "m").resources[0].protected_settings is None


# -- when it runs ------------------------------------------------------------------------------------------------------


def test_it_is_at_work_until_its_operation_has_ended(cloud, extensions):
    put(extensions).result()
    body = {"location": "westus", "properties": {**SCRIPTS, "settings": {"commandToExecute": "echo later"}}}
    extensions.begin_create_or_update("g", "m", "CustomScript", body, polling=False)

    found = extensions.get("g", "m", "CustomScript", expand="instanceView")

    assert found.provisioning_state == "Updating"
    assert found.instance_view.statuses[0].code == "ProvisioningState/transitioning"


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        ({}, 1),
        ({"autoUpgradeMinorVersion": False}, 1),
        ({"forceUpdateTag": "2"}, 2),
        ({"settings": {"commandToExecute": "echo run >> /var/log/runs", "timestamp": 2}}, 2),
        ({"protectedSettings": {}}, 2),
    ],
)
def test_it_runs_again_only_when_its_settings_or_the_tag_change(cloud, extensions, change, runs):
    put(extensions, "echo run >> /var/log/runs").result()

    put(extensions, "echo run >> /var/log/runs", **change).result()

    assert f"[stdout]\n{runs}\n" in run_on_vm(cloud, "wc -l < /var/log/runs")
    assert extensions.get("g", "m", "CustomScript").provisioning_state == "Succeeded"


def test_a_patch_replaces_settings_as_a_whole_and_leaves_the_others(extensions):
    put(extensions, "", settings={"timestamp": 1}, protectedSettings={"commandToExecute": "echo again"}).result()

    changed = extensions.begin_update("g", "m", "CustomScript", {"properties": {"settings": {"skipDos2Unix": True}}})

    assert changed.result().settings == {"skipDos2Unix": True}
    assert "[stdout]\nagain\n" in status(extensions).message


# -- how it fails ------------------------------------------------------------------------------------------------------


def test_a_command_that_fails_fails_the_operation_in_azure_s_words(extensions):
    error = failure(lambda: put(extensions, "echo out; exit 3").result())

    assert error.code == "VMExtensionProvisioningError"
    assert error.message == (
        "VM has reported a failure when processing extension 'CustomScript' (publisher 'Microsoft.Azure.Extensions' "
        "and type 'CustomScript'). Error message: 'Enable failed: failed to execute command: command terminated with "
        "exit status=3\n[stdout]\nout\n\n[stderr]\n'. More information on troubleshooting is available at "
        "https://aka.ms/VMExtensionCSELinuxTroubleshoot. "
    )
    told = status(extensions)
    assert (told.code, told.level, told.display_status) == (
        "ProvisioningState/failed/0",
        "Error",
        "Provisioning failed",
    )
    assert extensions.get("g", "m", "CustomScript").provisioning_state == "Failed"


def test_what_failed_fails_again_without_running_and_is_mended_by_other_settings(cloud, extensions):
    for _ in range(2):
        failure(lambda: put(extensions, "echo run >> /var/log/runs; false").result())

    assert "[stdout]\n1\n" in run_on_vm(cloud, "wc -l < /var/log/runs")
    assert put(extensions, "true").result().provisioning_state == "Succeeded"


@pytest.mark.parametrize(
    ("settings", "protected", "words"),
    [
        ({}, {}, "failed to get configuration: invalid configuration: 'commandToExecute' is not specified"),
        (
            {"commandToExecute": "a"},
            {"commandToExecute": "b"},
            "failed to get configuration: invalid configuration: 'commandToExecute' was specified both in public and",
        ),
        (
            {"commandToExecute": "a", "script": "YQ=="},
            {},
            "failed to get configuration: invalid configuration: 'commandToExecute' and 'script' were both specified,",
        ),
        ({"script": "echo hi"}, {}, "failed to decode script: illegal base64 data at input byte 4"),
    ],
)
def test_settings_that_make_no_sense_are_reported_by_the_extension(extensions, settings, protected, words):
    error = failure(lambda: put(extensions, "", settings=settings, protectedSettings=protected).result())

    assert f"Error message: 'Enable failed: {words}" in error.message


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"settings": {"fileUris": ["https://example.com/a.sh"], "commandToExecute": "sh a.sh"}}, (501, "NotEmulated")),
        ({"settings": {"madeUp": 1}}, (501, "NotEmulated")),
        ({"settings": {"commandToExecute": 1}}, (501, "NotEmulated")),
        ({"settings": "echo"}, (501, "NotEmulated")),
        ({"settings": {"script": encoded("#!/usr/bin/perl\n")}}, (501, "NotEmulated")),
        ({"settings": {"script": "YQ"}}, (501, "NotEmulated")),
        ({"settings": {"script": encoded(" " * 2**24, gzip.compress)}}, (501, "NotEmulated")),
        ({"protectedSettings": dict.fromkeys(("managedIdentity",), "")}, (501, "NotEmulated")),
        ({"enableAutomaticUpgrade": True}, (501, "NotEmulated")),
        ({"suppressFailures": True}, (501, "NotEmulated")),
        ({"provisionAfterExtensions": ["a"]}, (501, "NotEmulated")),
        ({"publisher": "Microsoft.OSTCExtensions", "type": "CustomScriptForLinux"}, (501, "NotEmulated")),
        ({"publisher": "Microsoft.Azure.ActiveDirectory", "type": "AADSSHLoginForLinux"}, (501, "NotEmulated")),
        ({"type": "Other"}, (501, "NotEmulated")),
        ({"typeHandlerVersion": "2"}, (501, "NotEmulated")),
        ({"typeHandlerVersion": "2.1.6"}, (400, "InvalidParameter")),
        ({"typeHandlerVersion": None}, (400, "InvalidParameter")),
        ({"typeHandlerVersion": "3.0"}, (404, "ArtifactNotFound")),
    ],
)
def test_what_is_not_modelled_or_not_there_is_refused_at_the_request(extensions, refused, properties, expected):
    assert refused(lambda: put(extensions, **properties)) == expected
    assert list(extensions.list("g", "m").value) == []


def test_an_empty_list_of_files_asks_for_nothing(extensions):
    settings = {"fileUris": [], "commandToExecute": "true", "skipDos2Unix": False}

    assert put(extensions, settings=settings).result().settings == settings


def test_a_version_that_never_was_is_named(extensions):
    error = failure(lambda: put(extensions, typeHandlerVersion="3.0"))

    assert error.message == (
        "Extension with publisher 'Microsoft.Azure.Extensions', type 'CustomScript', and type handler version '3.0' "
        "could not be found in the extension repository."
    )


@pytest.mark.parametrize(
    ("version", "minor", "installed"), [("2.0", True, "2.1.14"), ("2.0", False, "2.0.7"), ("2.1", False, "2.1.14")]
)
def test_a_later_minor_version_is_installed_only_where_it_will_do(extensions, version, minor, installed):
    put(extensions, typeHandlerVersion=version, autoUpgradeMinorVersion=minor).result()

    view = extensions.get("g", "m", "CustomScript", expand="instanceView").instance_view
    assert view.type_handler_version == installed


def test_a_vm_has_one_extension_of_a_kind(extensions):
    put(extensions, name="first").result()

    same, other = (failure(lambda v=v: put(extensions, name="second", typeHandlerVersion=v)) for v in ("2.1", "2.0"))

    assert (same.code, other.code) == ("BadRequest", "OperationNotAllowed")
    assert same.message == (
        "Multiple VMExtensions per handler not supported for OS type 'Linux'. VMExtension 'first' with handler "
        "'Microsoft.Azure.Extensions.CustomScript' already added or specified in input."
    )
    assert other.message == (
        "Cannot update handlerVersion or autoUpgradeMinorVersion for VM extension 'second'. Change is in conflict with "
        "other extensions under handler 'Microsoft.Azure.Extensions.CustomScript', with typeHandler version '2.1' and "
        "autoUpgradeMinorVersion 'True'."
    )


def test_an_extension_stays_what_it_is(extensions):
    put(extensions).result()

    error = failure(lambda: put(extensions, publisher="Microsoft.OSTCExtensions", type="CustomScriptForLinux"))

    assert (error.code, error.message) == (
        "PropertyChangeNotAllowed",
        "Changing property 'publisher' is not allowed.",
    )


def test_a_stopped_vm_s_extensions_cannot_be_changed_or_deleted(cloud, extensions):
    put(extensions).result()
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    for call in (lambda: put(extensions, "echo new"), lambda: extensions.begin_delete("g", "m", "CustomScript")):
        error = failure(call)
        assert error.code == "OperationNotAllowed"
        assert error.message == "Cannot modify extensions in the VM when the VM is not running."


def test_a_vm_that_stops_meanwhile_is_not_modelled(cloud, extensions):
    body = {"location": "westus", "properties": {**SCRIPTS, "settings": {"commandToExecute": "true"}}}
    extensions.begin_create_or_update("g", "m", "CustomScript", body, polling=False)
    cloud.compute.virtual_machines.begin_power_off("g", "m").result()

    assert extensions.get("g", "m", "CustomScript").provisioning_state == "Failed"


def test_its_view_has_no_address_of_its_own(cloud, extensions, refused):
    made = put(extensions).result()

    ask = lambda: cloud.resources.resources.get_by_id(f"{made.id}/instanceView", api_version="2024-11-01")  # noqa: E731
    assert refused(ask) == (501, "NotEmulated")


# -- where it is seen --------------------------------------------------------------------------------------------------


def test_a_vm_shows_its_extensions_and_their_handlers(cloud, extensions):
    machines = cloud.compute.virtual_machines
    assert machines.get("g", "m").resources is None
    put(extensions, forceUpdateTag="1").result()

    vm, view = machines.get("g", "m"), machines.instance_view("g", "m")

    (shown,) = vm.resources
    assert (shown.name, shown.type, shown.location) == (
        "CustomScript",
        "Microsoft.Compute/virtualMachines/extensions",
        "westus",
    )
    assert (shown.force_update_tag, shown.auto_upgrade_minor_version) == ("1", True)
    assert shown.settings == {"commandToExecute": "echo hi"}
    (handler,) = view.vm_agent.extension_handlers
    assert (handler.type, handler.type_handler_version) == ("Microsoft.Azure.Extensions.CustomScript", "2.1.14")
    assert (handler.status.display_status, handler.status.message) == ("Ready", "Plugin enabled")
    (seen,) = view.extensions
    assert (seen.name, seen.statuses[0].code) == ("CustomScript", "ProvisioningState/succeeded")


def test_a_list_can_tell_how_each_went(extensions):
    put(extensions).result()

    (plain,), (told,) = extensions.list("g", "m").value, extensions.list("g", "m", expand="instanceView").value

    assert plain.instance_view is None
    assert told.instance_view.statuses[0].code == "ProvisioningState/succeeded"


def test_a_list_of_vms_tells_only_the_ids_of_their_extensions(cloud, extensions):
    made = put(extensions).result()

    (vm,) = cloud.compute.virtual_machines.list("g")

    assert [one.as_dict() for one in vm.resources] == [{"id": made.id}]


def test_a_vm_that_is_sent_back_keeps_its_extensions(cloud, extensions):
    put(extensions).result()
    whole = cloud.compute.virtual_machines.get("g", "m")

    again = cloud.compute.virtual_machines.begin_create_or_update("g", "m", whole).result()

    assert [one.name for one in again.resources] == ["CustomScript"]


def test_extensions_are_listed_and_deleted_with_what_they_kept(cloud, extensions):
    put(extensions, "echo stays > /var/log/stays").result()
    assert [one.name for one in extensions.list("g", "m").value] == ["CustomScript"]

    extensions.begin_delete("g", "m", "CustomScript").result()

    assert extensions.list("g", "m").value == []
    assert cloud.compute.virtual_machines.instance_view("g", "m").vm_agent.extension_handlers == []
    assert "[stdout]\nstays\nno\n" in run_on_vm(cloud, f"cat /var/log/stays; test -d {FOLDER} || echo no")
    assert put(extensions, "pwd", name="another").result().provisioning_state == "Succeeded"
    assert f"{FOLDER}/0\n" in status(extensions, "another").message


def test_a_vm_s_extensions_go_with_it_even_if_it_is_stopped(cloud, extensions, refused):
    put(extensions).result()
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert refused(lambda: extensions.get("g", "m", "CustomScript")) == (404, "ResourceNotFound")


def test_a_group_with_a_stopped_vm_and_its_extension_can_be_deleted(cloud, extensions):
    put(extensions).result()
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    cloud.resources.resource_groups.begin_delete("g").result()

    assert not cloud.resources.resource_groups.check_existence("g")
