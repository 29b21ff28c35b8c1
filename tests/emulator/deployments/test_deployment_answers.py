"""How deployments are answered, as recordings of the real Azure have it: names, places, dependencies, operations.

Source: https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/resource/tests/latest/recordings
"""

from __future__ import annotations

import pytest

from acrlab.capabilities import thread_time
from acrlab.emulator.core.http import Request
from tests.emulator.deployments.test_deployments import NETWORK, REGISTRY, network, registry, subnet

DEPLOYMENTS = "Microsoft.Resources/deployments"
GROUPS = "Microsoft.Resources/resourceGroups"


def sent(*resources, parameters=None, mode="Incremental", **template):
    properties = {"mode": mode, "template": {"resources": list(resources), **template}}
    return {"properties": properties | ({"parameters": parameters} if parameters is not None else {})}


def put(desk, body, scope="", name="d"):
    return desk.send("PUT", desk.path(name, scope), body)


def validated(desk, body, scope="", name="d"):
    return desk.send("POST", f"{desk.path(name, scope)}/validate", body)


def nested(*resources, name="nested", **more):
    inner = {"mode": "Incremental", "template": {"resources": list(resources)}}
    return {"type": DEPLOYMENTS, "apiVersion": "2022-09-01", "name": name, "properties": inner, **more}


def group(name):
    return {"type": GROUPS, "apiVersion": "2024-03-01", "name": name, "location": "westus"}


# -- names -------------------------------------------------------------------------------------------------------------

SPELLED = {"NewNSG": "newNSG", "CrossRg": "crossRg", "TRANS_Test_Parameter": "tranS_Test_Parameter", "URL": "url"}


def test_names_of_parameters_and_outputs_begin_with_small_letters_in_every_answer(desk):
    declared = {name: {"type": "string", "defaultValue": "x"} for name in SPELLED}
    outputs = {name: {"type": "string", "value": f"[parameters('{name.lower()}')]"} for name in SPELLED}
    body = sent(parameters={"newnsg": {"value": "y"}}, outputs=outputs)
    body["properties"]["template"]["parameters"] = declared

    spelled = list(SPELLED.values())
    assert list(validated(desk, body).body["properties"]["parameters"]) == spelled
    assert list(put(desk, body).body["properties"]["parameters"]) == spelled
    done = desk.finished()
    assert list(done["parameters"]) == list(done["outputs"]) == spelled
    assert done["outputs"]["newNSG"] == {"type": "String", "value": "y"}
    (listed,) = desk.send("GET", desk.path().rpartition("/")[0]).body["value"]
    assert list(listed["properties"]["outputs"]) == spelled


@pytest.mark.parametrize("part", ["parameters", "outputs"])
def test_an_empty_part_of_a_template_is_shown_and_one_that_it_does_not_have_is_not(desk, part):
    """As `az vm create` writes `"parameters": {}`, and other templates nothing, whatever is sent beside them."""
    body = sent(parameters={})
    put(desk, body)
    assert part not in desk.finished()

    body["properties"]["template"][part] = {}
    put(desk, body)
    assert desk.finished()[part] == {}


def test_parameters_are_shown_like_this_when_they_are_only_validated(desk):
    body = sent(parameters={})
    assert "parameters" not in validated(desk, body).body["properties"]

    body["properties"]["template"]["parameters"] = {}
    assert validated(desk, body).body["properties"]["parameters"] == {}


# -- what the front door refuses itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [put, validated])
def test_a_nested_deployment_into_a_group_that_is_not_there_is_refused_in_the_front_doors_words(desk, ask):
    answer = ask(desk, sent(nested(network(), resourceGroup="Nowhere")))

    assert answer.status == 404
    message = "Resource group 'Nowhere' could not be found."
    assert answer.body == {"error": {"code": "ResourceGroupNotFound", "message": message}}
    assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize("ask", [put, validated])
def test_a_region_without_the_type_is_refused_in_the_front_doors_words(desk, ask):
    """Source: https://github.com/Azure/Azure-Landing-Zones/issues/2199"""
    answer = ask(desk, sent(network(location="atlantis")))

    assert (answer.status, answer.body["error"]["code"]) == (400, "LocationNotAvailableForResourceType")


def test_what_a_service_refuses_in_a_nested_template_is_told_by_the_deployment_around_it(desk):
    wrong = subnet(prefix="192.168.0.0/24", dependsOn=["net"])
    error = put(desk, sent(nested(network(), wrong))).body["error"]

    assert error["code"] == "InvalidTemplateDeployment"
    assert error["message"].startswith("The template deployment 'd' is not valid")
    assert [one["code"] for one in error["details"]] == ["NetcfgInvalidSubnet"]


# -- location ----------------------------------------------------------------------------------------------------------

USAGE = "Please see https://aka.ms/arm-deployment-subscription for usage details."


def asked(desk, body, scope, name="d"):
    return desk.send("POST", f"{desk.path(name, scope)}/whatIf", body)


@pytest.mark.parametrize("ask", [put, validated, asked])
def test_a_subscriptions_deployment_has_a_location_and_a_groups_has_none(desk, ask):
    error = ask(desk, sent(), desk.root).body["error"]
    message = f"The 'location' property must be specified for 'd'. {USAGE}"
    assert (error["code"], error["message"]) == ("InvalidDeployment", message)

    error = ask(desk, sent() | {"location": "westus"}, desk.group).body["error"]
    message = f"The 'location' property is not allowed for 'd' at resource group scope. {USAGE}"
    assert (error["code"], error["message"]) == ("InvalidDeployment", message)


@pytest.mark.parametrize("ask", [put, validated, asked])
def test_a_deployment_stays_in_its_location(desk, ask):
    assert put(desk, sent() | {"location": "East US"}, desk.root).body["location"] == "eastus"

    answer = ask(desk, sent() | {"location": "westus"}, desk.root)

    message = "Invalid deployment location 'westus'. The deployment 'd' already exists in location 'eastus'."
    assert answer.status == 409
    assert answer.body["error"] == {"code": "InvalidDeploymentLocation", "message": message}


def test_a_validated_subscriptions_deployment_shows_its_location(desk):
    assert validated(desk, sent() | {"location": "West US"}, desk.root).body["location"] == "westus"
    assert "location" not in validated(desk, sent()).body


def test_a_nested_subscriptions_deployment_needs_a_location_as_well(desk):
    body = sent(nested(group("made"))) | {"location": "westus"}
    assert put(desk, body, desk.root).body["error"]["code"] == "InvalidDeployment"

    body = sent(nested(group("made"), location="westus")) | {"location": "westus"}
    assert put(desk, body, desk.root).status == 201


def test_a_location_that_keeps_no_deployments_is_named(desk):
    error = put(desk, sent() | {"location": "atlantis"}, desk.root).body["error"]

    assert error["code"] == "LocationNotAvailableForDeployment"
    assert error["message"].startswith("The provided location 'atlantis' is not available for deployment.")


# -- what is in a template ---------------------------------------------------------------------------------------------


def id_of(desk, type, name, home="g"):
    return f"{desk.root}/resourceGroups/{home}/providers/{type}/{name}"


def test_validated_are_the_templates_own_resources_and_then_what_is_inside_them(desk):
    desk.send("PUT", f"{desk.root}/resourceGroups/alt", {"location": "westus"})
    body = sent(nested(network("b"), resourceGroup="alt"), network("a"))

    assert validated(desk, body).body["properties"]["validatedResources"] == [
        {"id": id_of(desk, DEPLOYMENTS, "nested", "alt")},
        {"id": id_of(desk, NETWORK, "a")},
        {"id": id_of(desk, NETWORK, "b", "alt")},
    ]
    put(desk, body)
    assert desk.finished()["outputResources"] == [
        {"id": id_of(desk, NETWORK, "b", "alt")},
        {"id": id_of(desk, NETWORK, "a")},
    ]


def test_a_subscriptions_deployment_tells_what_is_inside_its_groups(desk):
    body = sent(group("made"), nested(network(), resourceGroup="made", dependsOn=["made"])) | {"location": "westus"}

    shown = validated(desk, body, desk.root).body["properties"]["validatedResources"]
    assert [one["id"] for one in shown] == [
        f"{desk.root}/resourceGroups/made",
        id_of(desk, DEPLOYMENTS, "nested", "made"),
        id_of(desk, NETWORK, "net", "made"),
    ]
    put(desk, body, desk.root)
    assert [one["id"] for one in desk.finished(scope=desk.root)["outputResources"]] == [
        f"{desk.root}/resourceGroups/made",
        id_of(desk, NETWORK, "net", "made"),
    ]


def test_dependencies_stand_in_the_templates_order(desk):
    last = network("z", "10.3.0.0/16", dependsOn=["c", "a", "b"])
    put(desk, sent(last, *(network(name, f"10.{at}.0.0/16") for at, name in enumerate("abc"))))

    (one,) = desk.finished()["dependencies"]
    assert [before["resourceName"] for before in one["dependsOn"]] == ["c", "a", "b"]


def test_a_look_in_a_version_of_its_own_is_a_dependency_of_its_own(desk):
    tags = {"server": "[reference('contoso', '2023-07-01').loginServer]"}
    put(desk, sent(registry(), network(tags=tags, dependsOn=["contoso"])))

    (one,) = desk.finished()["dependencies"]
    link = {"id": id_of(desk, REGISTRY, "contoso"), "resourceType": REGISTRY, "resourceName": "contoso"}
    assert one["dependsOn"] == [link, {**link, "apiVersion": "2023-07-01"}]


def test_a_look_without_a_version_takes_that_of_the_template(desk):
    """A registry of 2021 does not know `anonymousPullEnabled` before its preview."""
    shown = {"o": {"type": "object", "value": "[reference('contoso')]"}}
    put(desk, sent(registry(apiVersion="2019-05-01"), outputs=shown))

    told = desk.finished()["outputs"]["o"]["value"]
    at_version = desk.azure.manager.handle(
        Request("GET", "management.azure.com", id_of(desk, REGISTRY, "contoso"), {"api-version": "2019-05-01"})
    ).body["properties"]
    assert set(told) == set(at_version)


def test_as_many_resources_as_a_template_may_have_are_put_in_order_at_once(desk):
    tables = [
        {
            "type": "Microsoft.Network/routeTables",
            "apiVersion": "2023-09-01",
            "name": f"t{at}",
            "location": "westus",
            "dependsOn": [f"Microsoft.Network/routeTables/t{before}" for before in range(max(0, at - 5), at)],
        }
        for at in range(800)
    ]
    begun = thread_time()

    assert validated(desk, sent(*tables)).status == 200

    assert thread_time() - begun < 8
