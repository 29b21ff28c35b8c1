"""Scripts that a VM keeps: run by an operation that succeeds, with their own end in the instance view."""

import pytest
from azure.core.exceptions import HttpResponseError


@pytest.fixture
def vm(cloud):
    return cloud.vm(cloud.interface(cloud.subnet()))


@pytest.fixture
def commands(cloud, vm):
    return cloud.compute.virtual_machine_run_commands


def put(commands, script, name="c", **properties):
    body = {"location": "westus", "properties": {"source": {"script": script}, **properties}}
    return commands.begin_create_or_update("g", "m", name, body)


def ended(commands, script, **properties):
    put(commands, script, **properties).result()
    return commands.get_by_virtual_machine("g", "m", "c", expand="instanceView").instance_view


def test_a_script_s_end_is_in_the_instance_view(commands):
    view = ended(commands, "echo out; echo wrong >&2")

    assert (view.execution_state, view.execution_message, view.exit_code) == ("Succeeded", "Execution completed", 0)
    assert (view.output, view.error) == ("out\n", "wrong\n")
    assert (view.end_time - view.start_time).total_seconds() == 10


def test_a_script_that_fails_is_a_command_that_succeeded(commands):
    made = put(commands, "no-such-program").result()

    view = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView").instance_view

    assert (made.provisioning_state, made.instance_view) == ("Succeeded", None)
    assert (view.execution_state, view.exit_code, view.output) == ("Failed", 127, "")
    message = "Execution failed: failed to execute command: command terminated with exit status=127"
    assert view.execution_message == message
    assert "no-such-program: command not found" in view.error


def test_a_script_runs_at_the_end_of_its_operation(commands):
    put(commands, "echo late").result()
    commands.begin_create_or_update(
        "g", "m", "c", {"location": "westus", "properties": {"source": {"script": "echo later"}}}, polling=False
    )

    found = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView")

    assert (found.provisioning_state, found.instance_view.execution_state) == ("Updating", "Running")


def test_named_parameters_are_in_the_environment_and_others_have_a_place(commands):
    given = [{"name": "who", "value": "a b"}, {"name": "", "value": "first"}]
    secret = [{"name": "key", "value": "hidden"}]

    view = ended(commands, 'echo "$who $1 $key"', parameters=given, protectedParameters=secret)

    assert view.output == "a b first hidden\n"
    shown = commands.get_by_virtual_machine("g", "m", "c")
    assert [(p.name, p.value) for p in shown.parameters] == [("who", "a b"), ("", "first")]
    assert shown.protected_parameters is None


def test_only_the_end_of_a_long_output_is_kept(commands):
    view = ended(commands, "for i in $(seq 1 2000); do echo $i; done")

    assert (len(view.output), view.output.endswith("1999\n2000\n")) == (4096, True)


def test_commands_are_listed_changed_and_deleted(commands):
    put(commands, "echo one", "one").result()
    put(commands, "echo two").result()

    commands.begin_update("g", "m", "c", {"properties": {"source": {"script": "exit 3"}}}).result()
    view = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView").instance_view
    names = [c.name for c in commands.list_by_virtual_machine("g", "m")]
    commands.begin_delete("g", "m", "one").result()

    assert (view.exit_code, names) == (3, ["c", "one"])
    assert [c.name for c in commands.list_by_virtual_machine("g", "m")] == ["c"]


def test_a_vm_s_commands_go_with_it(cloud, commands, refused):
    put(commands, "echo").result()

    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert refused(lambda: commands.get_by_virtual_machine("g", "m", "c")) == (404, "ResourceNotFound")


@pytest.mark.parametrize("source", [{}, {"script": ""}, {"script": None}])
def test_a_command_without_a_script_is_taken_and_never_runs(commands, source):
    body = {"location": "westus", "properties": {"source": source}}

    made = commands.begin_create_or_update("g", "m", "c", body).result()

    view = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView").instance_view
    assert made.provisioning_state == "Succeeded"
    assert (view.execution_state, view.exit_code, view.output, view.error) == ("Running", 0, "", "")
    assert view.execution_message.endswith("Either 'source.script' or 'source.scriptUri' has to be specified")
    assert view.start_time == view.end_time


def test_a_command_can_be_given_its_script_later(commands):
    body = {"location": "westus", "properties": {"source": {}}}
    commands.begin_create_or_update("g", "m", "c", body).result()

    commands.begin_update("g", "m", "c", {"properties": {"source": {"script": "echo now"}}}).result()

    view = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView").instance_view
    assert (view.execution_state, view.output) == ("Succeeded", "now\n")


def test_a_region_lists_the_commands_that_azure_brings_along(cloud, refused):
    brought = cloud.compute.virtual_machine_run_commands

    found = {command.id: command for command in brought.list("westus")}
    shown = brought.get("westus", "runshellscript")

    assert (found["RunShellScript"].os_type, found["ifconfig"].label) == ("Linux", "List network configuration")
    assert [parameter.name for parameter in shown.parameters] == ["arg1", "arg2"]
    assert shown.id == "RunShellScript"
    assert refused(lambda: brought.get("westus", "ifconfig")) == (501, "NotEmulated")
    assert refused(lambda: brought.get("westus", "none")) == (404, "NotFound")


def test_a_stopped_vm_takes_no_command(cloud, commands, refused):
    cloud.compute.virtual_machines.begin_power_off("g", "m").result()

    assert refused(lambda: put(commands, "echo")) == (409, "OperationNotAllowed")


@pytest.mark.parametrize(
    ("script", "properties", "expected"),
    [
        ("echo", {"runAsUser": "azureuser"}, (501, "NotEmulated")),
        ("", {"treatFailureAsDeploymentFailure": True}, (501, "NotEmulated")),
        ("echo", {"runAsPassword": "Not a 2nd one"}, (501, "NotEmulated")),
        ("echo", {"outputBlobUri": "https://a.blob.core.windows.net/b/c"}, (501, "NotEmulated")),
    ],
)
def test_what_is_not_modelled_or_makes_no_sense_is_refused(commands, refused, script, properties, expected):
    assert refused(lambda: put(commands, script, **properties)) == expected


def test_a_script_fails_its_operation_where_that_was_asked_for(commands):
    with pytest.raises(HttpResponseError, match="terminated with exit status=3") as caught:
        put(commands, "exit 3", treatFailureAsDeploymentFailure=True).result()

    shown = commands.get_by_virtual_machine("g", "m", "c", expand="instanceView")
    assert caught.value.error.code == "VMExtensionProvisioningError"
    assert (shown.provisioning_state, shown.instance_view.execution_state) == ("Failed", "Failed")


@pytest.mark.parametrize(
    ("script", "more"),
    [
        ("true", {"treatFailureAsDeploymentFailure": True}),
        ("exit 3", {"treatFailureAsDeploymentFailure": False}),
        ("exit 3", {"treatFailureAsDeploymentFailure": True, "asyncExecution": True}),
    ],
)
def test_a_script_fails_no_operation_otherwise(commands, script, more):
    assert put(commands, script, **more).result().provisioning_state == "Succeeded"


def test_texts_that_terraform_leaves_empty_are_taken_and_not_shown(commands):
    empty = dict.fromkeys(("runAsPassword", "outputBlobUri", "errorBlobUri"), "")

    shown = put(commands, "true", **empty).result().as_dict()["properties"]

    assert not set(empty) & set(shown)


def test_a_password_that_is_not_taken_is_not_told_either(commands):
    with pytest.raises(HttpResponseError) as caught:
        put(commands, "true", runAsPassword="Not a 2nd one")

    assert "Not a 2nd one" not in str(caught.value)
