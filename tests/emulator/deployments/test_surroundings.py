"""What a template is told of where it is deployed, of its loops' resources, and of what they list."""

from __future__ import annotations

import pytest

from tests.emulator.deployments.test_deployment_answers import put, sent
from tests.emulator.deployments.test_deployments import NETWORK, network, registry

STORAGE = "Microsoft.Storage/storageAccounts"


def told(desk, *resources, scope="", given=None, **values):
    """Deploy a template with outputs. Returns: name -> value."""
    kinds = {str: "string", int: "int", list: "array", dict: "object"}
    outputs = {name: {"type": kinds[kind], "value": text} for name, (kind, text) in values.items()}
    body = sent(*resources, outputs=outputs, **(given or {}))
    answer = put(desk, {**body, **({"location": "westus"} if scope else {})}, scope)
    assert answer.status == 201, answer.body
    return {name: output["value"] for name, output in desk.finished(scope=scope)["outputs"].items()}


def test_a_deployment_knows_its_name_place_and_template(desk):
    shown = told(desk, scope=desk.root, place=(str, "[deployment().location]"), whole=(dict, "[deployment()]"))

    assert shown["place"] == "westus"
    properties = shown["whole"]["properties"]
    assert (shown["whole"]["name"], properties["mode"], properties["provisioningState"]) == (
        "d",
        "Incremental",
        "Accepted",
    )
    assert properties["template"]["resources"] == []
    assert properties["templateHash"] == desk.finished(scope=desk.root)["templateHash"]


def test_in_the_second_version_of_the_language_it_knows_little_more_than_its_name(desk):
    given = {"languageVersion": "2.0", "contentVersion": "1.2.0.0"}
    whole = told(desk, given=given, whole=(dict, "[deployment()]"))["whole"]

    assert whole == {"name": "d", "properties": {"template": {"contentVersion": "1.2.0.0"}}}


def test_secrets_that_were_given_are_not_among_what_a_deployment_knows(desk):
    body = sent(outputs={"o": {"type": "object", "value": "[deployment().properties.parameters]"}})
    body["properties"]["template"]["parameters"] = {"open": {"type": "string"}, "key": {"type": "secureString"}}
    body["properties"]["parameters"] = {"open": {"value": "a"}, "key": {"value": "not for showing"}}
    put(desk, body)

    assert desk.finished()["outputs"]["o"]["value"] == {"open": {"value": "a"}}


def test_the_cloud_s_names_are_told(desk):
    shown = told(
        desk,
        vault=(str, "[environment().suffixes.keyvaultDns]"),
        sql=(str, "[environment().suffixes.sqlServerHostname]"),
        graph=(str, "[environment().graph]"),
        audience=(str, "[environment().authentication.audiences[0]]"),
        country=(str, "[tenant().countryCode]"),
    )

    assert shown == {
        "vault": ".vault.azure.net",
        "sql": ".database.windows.net",
        "graph": "https://graph.windows.net/",
        "audience": "https://management.core.windows.net/",
        "country": "US",
    }


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("", "{y}{m}{d}T"),
        ("'d'", "{m}/{d}/{y}"),
        ("'yyyy-MM-dd'", "{y}-{m}-{d}"),
        ("'u'", "{y}-{m}-{d} "),
    ],
)
def test_the_time_is_written_in_the_form_that_is_asked_for(desk, form, shown):
    now = desk.azure.world.timestamp()
    body = sent(outputs={"o": {"type": "string", "value": "[parameters('at')]"}})
    body["properties"]["template"]["parameters"] = {"at": {"type": "string", "defaultValue": f"[utcNow({form})]"}}
    put(desk, body)

    assert desk.finished()["outputs"]["o"]["value"].startswith(shown.format(y=now[:4], m=now[5:7], d=now[8:10]))


def test_all_resources_of_a_loop_are_looked_at_together(desk):
    nets = network("[format('net{0}', copyIndex())]", "[format('10.{0}.0.0/16', copyIndex())]")
    resources = {"nets": {**nets, "copy": {"name": "nets", "count": 2}}}
    name, space = "lambdaVariables('n').name", "lambdaVariables('n').addressSpace.addressPrefixes[0]"
    outputs = {
        "names": {"type": "array", "value": f"[map(references('nets', 'full'), lambda('n', {name}))]"},
        "spaces": {"type": "array", "value": f"[map(references('nets'), lambda('n', {space}))]"},
    }
    template = {"languageVersion": "2.0", "resources": resources, "outputs": outputs}
    assert desk.send("PUT", desk.path(), {"properties": {"template": template}}).status == 201

    shown = desk.finished()["outputs"]
    assert shown["names"]["value"] == ["net0", "net1"]
    assert shown["spaces"]["value"] == ["10.0.0.0/16", "10.1.0.0/16"]
    assert desk.names(NETWORK) == ["net0", "net1"]


def test_what_looks_at_a_loop_is_made_after_it(desk):
    nets = network("[format('net{0}', copyIndex())]", "[format('10.{0}.0.0/16', copyIndex())]")
    looking = registry(tags={"nets": "[string(length(references('nets')))]"})
    resources = {"looking": looking, "nets": {**nets, "copy": {"name": "nets", "count": 2}}}
    template = {"languageVersion": "2.0", "resources": resources}
    desk.send("PUT", desk.path(), {"properties": {"template": template}})

    before = desk.finished()["dependencies"]
    assert [[one["resourceName"] for one in d["dependsOn"]] for d in before] == [["net0", "net1"]]


def test_what_a_type_lists_is_asked_for_by_its_name_in_any_case(desk):
    admin = registry(properties={"adminUserEnabled": True})
    shown = told(
        desk,
        admin,
        user=(str, "[listCredentials('contoso', '2023-07-01').username]"),
        usages=(str, "[LISTUSAGES('contoso', '2023-07-01').value[0].name]"),
    )

    assert shown == {"user": "contoso", "usages": "Size"}


def test_what_a_type_does_not_list_is_not_emulated(desk):
    body = sent(registry(), outputs={"o": {"type": "object", "value": "[listSecrets('contoso', '2023-07-01')]"}})

    assert put(desk, body).body["error"]["code"] == "NotEmulated"


def test_the_hash_of_a_template_is_the_documented_one(desk):
    """Source: https://learn.microsoft.com/rest/api/resources/deployments/calculate-template-hash"""
    template = {
        "$schema": "http://schemas.management.azure.com/deploymentTemplate?api-version=2014-04-01-preview",
        "contentVersion": "1.0.0.0",
        "parameters": {"string": {"type": "string"}},
        "variables": {
            **{"string": "string", "int": 42, "bool": True, "array": [1, 2, 3, 4]},
            "object": {"object": {"vmSize": "Large", "location": "West US"}},
        },
        "resources": [],
        "outputs": {"string": {"type": "string", "value": "myvalue"}},
    }

    told = desk.send("POST", "/providers/Microsoft.Resources/calculateTemplateHash", template).body

    assert told["templateHash"] == "695440707931307747"
    assert told["minifiedTemplate"].startswith('{"$SCHEMA":"HTTP://')
    assert '"BOOL":TRUE,"ARRAY":[1,2,3,4]' in told["minifiedTemplate"]


def own(desk, value, other="[concat('b', parameters('x'))]", **more):
    """The error of a template with two functions of its own, `n.a` and `n.b`; empty: it is accepted."""
    parameter = [{"name": "x", "type": "string"}]
    members = {
        "a": {"parameters": parameter, "output": {"type": "string", "value": value}},
        "b": {"parameters": parameter, "output": {"type": "string", "value": other}},
    }
    body = sent(outputs={"o": {"type": "string", "value": "[n.a('x')]"}}, **more)
    body["properties"]["template"]["functions"] = [{"namespace": "n", "members": members}]
    return put(desk, body).body.get("error", {}).get("message", "")


def test_a_function_of_a_template_knows_where_it_is_deployed(desk):
    assert own(desk, "[concat(parameters('x'), environment().suffixes.acrLoginServer, resourceGroup().name)]") == ""
    assert desk.finished()["outputs"]["o"]["value"] == "x.azurecr.iog"


def test_a_function_of_a_template_calls_another_in_the_second_version_of_the_language(desk):
    assert own(desk, "[n.b(parameters('x'))]", languageVersion="2.0") == ""
    assert desk.finished()["outputs"]["o"]["value"] == "bx"
    assert "The template function 'n.b' is not valid" in own(desk, "[n.b(parameters('x'))]")


@pytest.mark.parametrize("value", ["[variables('v')]", "[reference('net').id]", "[listKeys('x', '2023-05-01')]"])
def test_a_function_of_a_template_sees_no_variable_and_looks_at_no_resource(desk, value):
    assert "is not valid" in own(desk, value, variables={"v": "w"})


def test_a_function_of_a_template_that_calls_itself_without_end_is_refused(desk):
    assert own(desk, "[n.b(parameters('x'))]", "[n.a(parameters('x'))]", languageVersion="2.0")
