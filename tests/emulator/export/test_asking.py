"""How an export is asked for and followed, who may ask, and what is not emulated of it."""

import base64

import pytest

ALL = {"resources": ["*"]}


def test_an_export_is_followed_at_its_location_until_the_template_is_there(desk):
    """Recorded: azure-cli's test_resource_group_export_skip_all_params, of 2024."""
    begun = desk.send("POST", f"{desk.group.replace('Groups', 'groups')}/exportTemplate", ALL)

    assert (begun.status, begun.body, begun.headers["Retry-After"]) == (202, None, "15")
    address, _, query = begun.headers["Location"].partition("?")
    assert query == "api-version=2024-11-01"
    path = address.removeprefix("https://management.azure.com")
    assert path.startswith(f"/subscriptions/{desk.world.setting('subscription')}/operationresults/")
    assert base64.urlsafe_b64decode(path.rpartition("/")[2]).startswith(b'{"jobId":"ExportTemplateJob-g-')
    waiting = desk.send("GET", path)
    assert (waiting.status, waiting.body, waiting.headers["Location"]) == (202, None, begun.headers["Location"])
    desk.world.advance_to(desk.world.now + 15)
    done = desk.send("GET", path)
    assert (done.status, list(done.body), "Location" in done.headers) == (200, ["template"], False)


def test_the_oldest_api_versions_answer_at_once(desk):
    """Source: azure-cli's `export_group_as_template`, which waits since 2019-08-01"""
    answer = desk.send("POST", f"{desk.group}/exportTemplate", ALL, version="2019-07-01")

    assert (answer.status, answer.body["template"]["resources"]) == (200, [])


def test_today_s_az_asks_for_a_form_and_gets_it(desk):
    body = {**ALL, "options": None, "outputFormat": "Json"}

    assert desk.send("POST", f"{desk.group}/exportTemplate", body).status == 202


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"resources": []},
        {"resources": ["*", "*"]},
        {"resources": ["registries/contoso"]},
        {"resources": ["{group}/providers/Microsoft.ContainerRegistry/registries/missing"]},
        {**ALL, "options": "IncludeEverything"},
        {**ALL, "outputFormat": "Bicep"},
    ],
)
def test_what_azure_makes_of_it_is_not_known(desk, body):
    text = {"resources": [one.format(group=desk.group) for one in body["resources"]]} if "resources" in body else {}

    answer = desk.send("POST", f"{desk.group}/exportTemplate", {**body, **text})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_scripts_kept_on_a_vm_are_not_exported_as_nothing(desk):
    machine = desk.vm(desk.interface(desk.subnet()))
    script = {"location": "westus", "properties": {"source": {"script": "true"}}}
    desk.compute.virtual_machine_run_commands.begin_create_or_update("g", "m", "kept", script).result()

    answer = desk.send("POST", f"{desk.group}/exportTemplate", {"resources": [machine.id]})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_more_than_two_hundred_resources_are_not_exported(desk):
    routes = [
        {"name": f"r{i}", "properties": {"addressPrefix": f"10.{i}.0.0/16", "nextHopType": "None"}} for i in range(200)
    ]
    body = {"location": "westus", "properties": {"routes": routes}}
    desk.network.route_tables.begin_create_or_update("g", "t", body).result()

    answer = desk.send("POST", f"{desk.group}/exportTemplate", ALL)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_a_missing_group_has_nothing_to_export(desk):
    answer = desk.send("POST", f"{desk.group}x/exportTemplate", ALL)

    assert (answer.status, answer.body["error"]["code"]) == (404, "ResourceGroupNotFound")


@pytest.mark.parametrize("action", ["moveResources", "validateMoveResources"])
def test_resources_stay_in_their_group(desk, action):
    answer = desk.send("POST", f"{desk.group}/{action}", {"resources": [], "targetResourceGroup": f"{desk.group}2"})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
