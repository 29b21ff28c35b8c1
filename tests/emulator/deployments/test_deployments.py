"""Deployments as Resource Manager answers them: order, loops, references, what is refused, what stays half-way."""

import json

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request

NETWORK = "Microsoft.Network/virtualNetworks"
REGISTRY = "Microsoft.ContainerRegistry/registries"
VM = "Microsoft.Compute/virtualMachines"


class Desk:
    """One group, and Resource Manager's desk."""

    def __init__(self) -> None:
        self.azure = EmulatedAzure()
        self.root = f"/subscriptions/{self.azure.world.setting('subscription')}"
        self.group = f"{self.root}/resourceGroups/g"
        self.send("PUT", self.group, {"location": "westus"})

    def send(self, method, path, body=None, query=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        query = {"api-version": "2024-11-01", **(query or {})}
        return self.azure.manager.handle(Request(method, "management.azure.com", path, query, body=raw))

    def path(self, name="d", scope=""):
        return f"{scope or self.group}/providers/Microsoft.Resources/deployments/{name}"

    def deploy(self, *resources, scope="", name="d"):
        properties = {"mode": "Incremental", "template": {"resources": list(resources)}}
        place = {"location": "westus"} if scope else {}
        return self.send("PUT", self.path(name, scope), {**place, "properties": properties})

    def finished(self, name="d", scope=""):
        self.azure.world.advance_to(self.azure.world.now + 120)
        return self.send("GET", self.path(name, scope)).body["properties"]

    def names(self, type):
        return [r.id.name for r in self.azure.world.of_type(type)]


def network(name="net", prefix="10.0.0.0/16", **more):
    body = {"properties": {"addressSpace": {"addressPrefixes": [prefix]}}}
    return {"type": NETWORK, "apiVersion": "2024-01-01", "name": name, "location": "westus", **body, **more}


def registry(name="contoso", **more):
    start = {"type": REGISTRY, "apiVersion": "2023-07-01", "name": name, "location": "[resourceGroup().location]"}
    return {**start, "sku": {"name": "Premium"}, "properties": {}, **more}


def subnet(name="net/s", prefix="10.0.1.0/24", **more):
    properties = {"addressPrefix": prefix, "privateEndpointNetworkPolicies": "Disabled"}
    return {"type": f"{NETWORK}/subnets", "apiVersion": "2024-01-01", "name": name, "properties": properties, **more}


def endpoint(**more):
    target = "[reference('contoso', '2023-07-01', 'Full').id]"
    request = {"name": "c", "properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}
    place = {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 's')]"}
    properties = {"subnet": place, "privateLinkServiceConnections": [request]}
    start = {"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2024-01-01", "name": "e"}
    return {**start, "location": "westus", "properties": properties, **more}


def test_a_deployment_is_accepted_first_and_done_in_the_end(desk):
    answer = desk.deploy(network())

    assert answer.status == 201
    assert answer.body["properties"]["provisioningState"] == "Accepted"
    assert "/deployments/d/operationStatuses/" in answer.headers["Azure-AsyncOperation"]
    assert desk.names(NETWORK) == []
    done = desk.finished()
    assert (done["provisioningState"], done["outputResources"]) == (
        "Succeeded",
        [{"id": f"{desk.group}/providers/{NETWORK}/net"}],
    )
    assert desk.names(NETWORK) == ["net"]


def test_resources_are_made_after_what_they_depend_on_and_what_they_look_at(desk):
    """Written in the wrong order; the registry is only looked at, by the endpoint's expressions."""
    desk.deploy(endpoint(dependsOn=[f"{NETWORK}/net/subnets/s"]), subnet(dependsOn=["net"]), network(), registry())

    assert desk.finished()["provisioningState"] == "Succeeded"
    assert desk.names("Microsoft.Network/privateEndpoints") == ["e"]


def test_a_loop_makes_one_resource_a_turn_and_outputs_know_them(desk):
    looped = network("[format('net{0}', copyIndex())]", "[format('10.{0}.0.0/16', copyIndex('nets'))]")
    loop = {"name": "nets", "count": "[parameters('count')]"}
    outputs = {
        "first": {"type": "string", "value": "[reference('net0').addressSpace.addressPrefixes[0]]"},
        "all": {"type": "array", "copy": {"count": 2, "input": "[concat('net', copyIndex())]"}},
    }
    declared = {"count": {"type": "int", "minValue": 1}}
    properties = {"template": {"resources": [{**looped, "copy": loop}], "parameters": declared, "outputs": outputs}}
    desk.send("PUT", desk.path(), {"properties": {**properties, "parameters": {"count": {"value": 2}}}})

    done = desk.finished()
    assert desk.names(NETWORK) == ["net0", "net1"]
    assert done["outputs"]["first"] == {"type": "String", "value": "10.0.0.0/16"}
    assert done["outputs"]["all"] == {"type": "Array", "value": ["net0", "net1"]}


def test_null_asks_for_nothing_whatever_it_stands_under(desk):
    """As Azure's own modules write what is left to the service, here beside what is not emulated."""
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    desk.deploy(
        network(tags=None, properties={**space, "ddosProtectionPlan": "[null()]", "flowTimeoutInMinutes": None})
    )

    assert desk.finished()["provisioningState"] == "Succeeded"
    asking = desk.deploy(network(properties={**space, "flowTimeoutInMinutes": 5}), name="other")
    assert asking.body["error"]["code"] == "NotEmulated"


def test_in_a_property_s_loop_the_index_without_a_name_is_the_resource_s(desk):
    part = {"addressPrefix": "[format('10.{0}.{1}.0/24', copyIndex(), copyIndex('subnets'))]"}
    inner = {
        "name": "subnets",
        "count": 2,
        "input": {"name": "[format('s{0}', copyIndex('subnets'))]", "properties": part},
    }
    space = {"addressPrefixes": ["[format('10.{0}.0.0/16', copyIndex())]"]}
    nets = network("[format('net{0}', copyIndex())]", properties={"addressSpace": space, "copy": [inner]})
    desk.deploy({**nets, "copy": {"name": "nets", "count": 2}})

    assert desk.finished()["provisioningState"] == "Succeeded"
    made = desk.azure.world.of_type(f"{NETWORK}/subnets")
    assert sorted(one.properties["addressPrefix"] for one in made) == [
        *("10.0.0.0/24", "10.0.1.0/24"),
        *("10.1.0.0/24", "10.1.1.0/24"),
    ]


def test_the_index_of_a_variable_s_loop_has_a_name(desk):
    loop = {"name": "words", "count": 2, "input": "[copyIndex()]"}
    outputs = {"o": {"type": "array", "value": "[variables('words')]"}}
    template = {"resources": [], "variables": {"copy": [loop]}, "outputs": outputs}

    error = desk.send("PUT", desk.path(), {"properties": {"template": template}}).body["error"]

    assert error["code"] == "InvalidTemplate"
    assert "The template function 'copyIndex' is not expected at this location" in error["message"]


def test_children_inside_their_parent_come_after_it(desk):
    child = {"type": "subnets", "apiVersion": "2024-01-01", "name": "s", "properties": {"addressPrefix": "10.0.1.0/24"}}
    desk.deploy(network(resources=[child]))

    assert desk.finished()["provisioningState"] == "Succeeded"
    assert desk.names(f"{NETWORK}/subnets") == ["s"]


def test_of_two_resources_of_a_name_the_one_whose_condition_holds_is_made(desk):
    desk.deploy(
        network(prefix="10.1.0.0/16", condition="[equals(1, 1)]"),
        network(prefix="10.2.0.0/16", condition="[equals(1, 2)]"),
    )

    assert desk.finished()["provisioningState"] == "Succeeded"
    made = desk.send("GET", f"{desk.group}/providers/{NETWORK}/net", query={"api-version": "2024-01-01"}).body
    assert made["properties"]["addressSpace"]["addressPrefixes"] == ["10.1.0.0/16"]


@pytest.mark.parametrize(
    ("condition", "kind"), [("true", "String"), ("[string(true())]", "String"), ("[add(0, 1)]", "Integer")]
)
def test_a_condition_is_a_boolean_and_no_text_or_number(desk, condition, kind):
    error = desk.deploy(network(condition=condition)).body["error"]

    assert error["code"] == "InvalidTemplate"
    assert f"is type '{kind}', expected type is 'Boolean'" in error["message"]


def test_an_existing_resource_that_is_not_needed_may_have_a_name_that_makes_no_sense(desk):
    """As Azure's own modules name a key vault by the parts of an id that is null where there is none."""
    part = "[split(parameters('vault'), '/')[4]]"
    vault = {"existing": True, "type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "resourceGroup": part}
    vault |= {"condition": "[not(empty(parameters('vault')))]", "name": "[last(split(parameters('vault'), '/'))]"}
    resources = {"vault": vault, "net": network(dependsOn=["vault"])}
    parameters = {"vault": {"type": "string", "nullable": True}}
    template = {"languageVersion": "2.0", "parameters": parameters, "resources": resources}
    assert desk.send("PUT", desk.path(), {"properties": {"template": template}}).status == 201

    assert desk.finished()["provisioningState"] == "Succeeded"


def test_an_existing_resource_may_be_in_another_group(desk):
    desk.send("PUT", f"{desk.root}/resourceGroups/other", {"location": "westus"})
    desk.deploy(registry("already"), name="before")
    there = {"type": REGISTRY, "apiVersion": "2023-07-01", "name": "theirs", "location": "westus"}
    path = f"{desk.root}/resourceGroups/other/providers/{REGISTRY}/theirs"
    desk.send("PUT", path, {"location": "westus", "sku": {"name": "Basic"}}, {"api-version": "2023-07-01"})
    desk.azure.world.advance_to(desk.azure.world.now + 60)
    old = {**there, "existing": True, "resourceGroup": "other"}
    outputs = {"server": {"type": "string", "value": "[reference('old').loginServer]"}}
    template = {"languageVersion": "2.0", "resources": {"old": old}, "outputs": outputs}
    desk.send("PUT", desk.path(), {"properties": {"template": template}})

    assert desk.finished()["outputs"]["server"]["value"] == "theirs.azurecr.io"


def test_symbolic_names_conditions_and_existing_resources(desk):
    desk.deploy(registry("already"), name="before")
    desk.finished("before")
    old = {"existing": True, "type": REGISTRY, "apiVersion": "2023-07-01", "name": "already"}
    resources = {"old": old, "a": network(dependsOn=["old"]), "b": network("no", condition="[equals(1, 2)]")}
    outputs = {"server": {"type": "string", "value": "[reference('old').loginServer]"}}
    template = {"languageVersion": "2.0", "resources": resources, "outputs": outputs}
    desk.send("PUT", desk.path(), {"properties": {"template": template}})

    assert desk.finished()["outputs"]["server"]["value"] == "already.azurecr.io"
    assert desk.names(NETWORK) == ["net"]


def test_secrets_are_passed_on_and_never_shown(desk):
    parameters = {"key": {"type": "securestring"}}
    outputs = {"key": {"type": "securestring", "value": "[parameters('key')]"}}
    template = {"resources": [], "parameters": parameters, "outputs": outputs}
    body = {"properties": {"template": template, "parameters": {"key": {"value": "not for showing"}}}}
    desk.send("PUT", desk.path(), body)

    assert "not for showing" not in json.dumps(desk.finished())


def test_a_template_at_the_subscription_makes_a_group_and_what_is_in_it(desk):
    group = {"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2024-03-01", "name": "made"}
    inner = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "inside",
        "resourceGroup": "made",
        "dependsOn": ["made"],
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"name": {"value": "net7"}},
            "template": {
                "parameters": {"name": {"type": "string"}},
                "resources": [network("[parameters('name')]")],
            },
        },
    }
    desk.deploy({**group, "location": "westus"}, inner, scope=desk.root)

    assert desk.finished(scope=desk.root)["provisioningState"] == "Succeeded"
    assert [str(r.id) for r in desk.azure.world.of_type(NETWORK)] == [
        f"{desk.root}/resourceGroups/made/providers/{NETWORK}/net7"
    ]


def test_what_a_service_would_refuse_is_refused_before_anything_is_made(desk):
    answer = desk.deploy(network(), subnet(prefix="192.168.0.0/24", dependsOn=["net"]))

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidTemplateDeployment")
    assert answer.body["error"]["details"][0]["code"] == "NetcfgInvalidSubnet"
    assert (desk.names(NETWORK), desk.send("GET", desk.path()).status) == ([], 404)


def test_what_fails_half_way_leaves_what_was_made_before(desk):
    desk.deploy(network("a"), registry(dependsOn=["a"]))
    other = f"{desk.root}/resourceGroups/other"
    desk.send("PUT", other, {"location": "westus"})
    body = {"location": "westus", "sku": {"name": "Basic"}, "properties": {}}
    desk.send("PUT", f"{other}/providers/{REGISTRY}/contoso", body)  # somebody was faster with the name

    done = desk.finished()
    assert (done["provisioningState"], done["error"]["code"]) == ("Failed", "DeploymentFailed")
    assert done["error"]["details"][0]["code"] == "AlreadyInUse"
    assert desk.names(NETWORK) == ["a"]
    operations = desk.send("GET", f"{desk.path()}/operations").body["value"]
    assert [o["properties"]["provisioningState"] for o in operations] == ["Succeeded", "Failed"]
    assert [o["properties"]["statusCode"] for o in operations] == ["OK", "Conflict"]


def deploy_reading(desk, outputs, **more):
    """A template that makes nothing, and reads the network `net`."""
    desk.deploy(network(**more), name="before")
    desk.finished("before")
    there = {"existing": True, "type": NETWORK, "apiVersion": "2024-01-01", "name": "net"}
    template = {"languageVersion": "2.0", "resources": {"there": there}, "outputs": outputs}
    assert desk.send("PUT", desk.path(), {"properties": {"template": template}}).status == 201


def test_an_existing_resource_that_is_deleted_meanwhile_fails_the_deployment_and_nothing_else(desk):
    deploy_reading(desk, {"state": {"type": "string", "value": "[reference('there').provisioningState]"}})
    desk.send("DELETE", f"{desk.group}/providers/{NETWORK}/net")

    done = desk.finished()
    assert (done["provisioningState"], done["error"]["code"]) == ("Failed", "DeploymentFailed")
    assert done["error"]["details"][0]["code"] == "ResourceNotFound"
    (operation,) = desk.send("GET", f"{desk.path()}/operations").body["value"]
    assert operation["properties"]["provisioningOperation"] == "Read"
    assert operation["properties"]["targetResource"]["id"].endswith("/virtualNetworks/net")
    assert desk.send("GET", desk.group).status == 200


def test_an_output_that_cannot_be_read_in_the_end_is_named_and_no_resource_is(desk):
    value = "[reference('there', '2024-01-01', 'Full').tags.stage]"
    deploy_reading(desk, {"stage": {"type": "string", "value": value}}, tags={"stage": "one"})
    untagged = {name: network()[name] for name in ("location", "properties")}
    desk.send("PUT", f"{desk.group}/providers/{NETWORK}/net", untagged)

    error = desk.finished()["error"]
    assert (error["code"], error["details"][0]["target"]) == ("DeploymentOutputEvaluationFailed", "stage")
    assert error["message"].startswith("Unable to evaluate template outputs: 'stage'.")
    assert error["details"][0]["message"].startswith("The template output 'stage' is not valid: ")
    (operation,) = desk.send("GET", f"{desk.path()}/operations").body["value"]
    assert operation["properties"]["provisioningState"] == "Succeeded"
    assert operation["properties"]["provisioningOperation"] == "Read"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ({}, "at path '$': it must contain ['resources']"),
        ({"resources": [{"type": NETWORK, "name": "n"}]}, "misses the property 'apiVersion'"),
        ({"resources": [network("a/b")]}, "requires 1 name segments"),
        ({"resources": [network(), network()]}, "defined multiple times"),
        ({"resources": [network(dependsOn=["nobody"])]}, "The resource 'nobody' is not defined in the template"),
        ({"resources": [network("a", dependsOn=["b"]), network("b", dependsOn=["a"])]}, "Circular dependency"),
        ({"resources": [{"type": 3}]}, "at path '$.resources[0].type': it must be string"),
        ({"resources": [network("[variables('x')]")]}, "The template variable 'x' is not found"),
        ({"resources": [], "parameters": {"p": {"type": "string"}}}, "parameter 'p' is not provided"),
        ({"resources": [], "parameters": {"p": {"type": "int", "defaultValue": "1"}}}, "Expected 'Integer'. Actual"),
        (
            {"resources": [], "parameters": {"p": {"type": "string", "defaultValue": "c", "allowedValues": ["a"]}}},
            "'a'",
        ),
        (
            {
                "resources": [],
                "variables": {"v0": "aaaaaaaaaa"}
                | {f"v{i}": f"[concat(variables('v{i - 1}'), variables('v{i - 1}'))]" for i in range(1, 22)},
                "outputs": {"o": {"type": "string", "value": "[variables('v21')]"}},
            },
            "need more ",  # evaluations or, on a slow computer, seconds
        ),
        ({"resources": [network(copy={"name": "c", "count": 5000})]}, "The copy count '5000'"),
        ({"resources": [network(dependsOn=["net"])]}, "Circular dependency detected on resource"),
        ({"resources": {"net": network()}}, "Template language version must be specified"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(desk, template, problem):
    answer = desk.send("PUT", desk.path(), {"properties": {"mode": "Incremental", "template": template}})

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidTemplate")
    assert problem in answer.body["error"]["message"]


LOOKED = "[reference(resourceId('Microsoft.Network/virtualNetworks', 'x'), '2024-01-01').a]"
OUTPUT = {"o": {"type": "string", "value": "[variables('v')]"}}


@pytest.mark.parametrize(
    "template",
    [
        {
            "resources": [],
            "variables": {"v": LOOKED},
            "outputs": {"o": {"type": "string", "value": "[variables('v')]"}},
        },
        {"resources": [], "parameters": {"p": {"type": "string", "defaultValue": LOOKED}}},
        {"resources": [network(LOOKED)]},
        {"resources": [network(location=LOOKED)]},
        {"resources": [network(condition=LOOKED)]},
        {"resources": [network(condition="[empty(listKeys('x', '2023-05-01'))]")]},
        {"resources": [network(copy={"name": "c", "count": LOOKED})]},
        {"languageVersion": "2.0", "resources": {"n": network("[references('x')[0].name]")}},
    ],
)
def test_nothing_is_looked_at_where_it_has_to_be_known_before_anything_is_deployed(desk, template):
    error = desk.send("PUT", desk.path(), {"properties": {"template": template}}).body["error"]

    assert error["code"] == "InvalidTemplate"
    assert "' is not expected at this location" in error["message"]


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ({"type": "int", "value": "[null()]"}, "JToken type is not valid. Expected 'Integer'. Actual 'Null'"),
        ({"type": "string", "value": "[createObject()]"}, "Expected 'String, Uri'. Actual 'Object'"),
        ({"type": "object", "value": "x"}, "Expected 'Object'. Actual 'String'"),
        ({"type": "bool", "value": "[add(0, 1)]"}, "Expected 'Boolean'. Actual 'Integer'"),
        ({"type": "text", "value": "x"}, "has the type 'text', which is not known"),
    ],
)
def test_an_output_is_of_the_type_that_it_says(desk, output, problem):
    template = {"resources": [], "outputs": {"o": output}}
    error = desk.send("PUT", desk.path(), {"properties": {"template": template}}).body["error"]

    assert problem in error["message"]


@pytest.mark.parametrize(
    ("template", "word", "path"),
    [
        ({"resources": [], "parameterss": {}}, "parameterss", "properties.template.parameterss"),
        (
            {"resources": [], "parameters": {"p": {"type": "string", "default": "x"}}},
            "default",
            "properties.template.parameters.p.default",
        ),
    ],
)
def test_a_word_that_no_template_has_is_named_with_its_path(desk, template, word, path):
    error = desk.send("PUT", desk.path(), {"properties": {"template": template}}).body["error"]

    assert error["code"] == "InvalidRequestContent"
    assert f"Could not find member '{word}' on object of type 'Template" in error["message"]
    assert f"Path '{path}'" in error["message"]


@pytest.mark.parametrize("template", [{"languageVersion": "3.0"}, {"Parameters": {}}])
def test_another_version_of_the_language_or_spelling_of_its_words_is_not_emulated(desk, template):
    answer = desk.send("PUT", desk.path(), {"properties": {"template": {"resources": [], **template}}})

    assert answer.body["error"]["code"] == "NotEmulated"


@pytest.mark.parametrize("scope", ["/", "Microsoft.Management/managementGroups/m"])
def test_the_tenant_and_management_groups_are_not_emulated_as_scopes(desk, scope):
    inner = {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "inner", "scope": scope}
    properties = {"mode": "Incremental", "template": {"resources": []}}
    answer = desk.deploy({**inner, "location": "westus", "properties": properties})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
    assert "scope" in answer.body["error"]["message"]


def test_what_is_no_api_version_is_refused_with_those_that_are(desk):
    error = desk.deploy(network(apiVersion="2024-13-01")).body["error"]["details"][0]

    assert error["code"] == "NoRegisteredProviderFound"
    assert error["message"].startswith(
        "No registered resource provider found for location 'westus' and API version '2024-13-01' for type "
        "'virtualNetworks'. The supported api-versions are '2019-04-01, "
    )


def test_a_type_that_is_not_emulated_is_named(desk):
    answer = desk.deploy(network() | {"type": "Microsoft.Storage/elasticSans"})

    assert answer.status == 501
    assert "Microsoft.Storage/elasticSans" in answer.body["error"]["message"]


def test_a_storage_account_is_deployed_and_named_by_its_endpoint(desk):
    type = "Microsoft.Storage/storageAccounts"
    start = {"type": type, "apiVersion": "2023-05-01", "name": "contoso", "location": "westus"}
    account = {**start, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    outputs = {
        "blobs": {"type": "string", "value": "[reference('contoso').primaryEndpoints.blob]"},
        "keys": {"type": "int", "value": f"[length(listKeys(resourceId('{type}', 'contoso'), '2023-05-01').keys)]"},
    }
    desk.send("PUT", desk.path(), {"properties": {"template": {"resources": [account], "outputs": outputs}}})

    done = desk.finished()
    shown = {name: output["value"] for name, output in done["outputs"].items()}
    assert shown == {"blobs": "https://contoso.blob.core.windows.net/", "keys": 2}


def test_a_storage_account_of_the_first_version_is_deployed(desk):
    type = "Microsoft.Storage/storageAccounts"
    start = {"type": type, "apiVersion": "2015-06-15", "name": "contoso", "location": "westus"}
    desk.deploy({**start, "properties": {"accountType": "Standard_LRS"}})

    assert desk.finished()["provisioningState"] == "Succeeded"
    assert desk.names(type) == ["contoso"]


def test_a_template_is_validated_without_being_carried_out(desk):
    """Sent as `az` sends it: with a comment, and a name without quotes."""
    template = json.dumps({"resources": [registry()]})
    body = f'{{"properties": {{"mode": "Incremental", template: {template} // mine\n}}}}'
    answer = desk.send("POST", f"{desk.path()}/validate", body.encode())

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert answer.body["properties"]["validatedResources"] == [{"id": f"{desk.group}/providers/{REGISTRY}/contoso"}]
    assert desk.names(REGISTRY) == []


@pytest.mark.parametrize("asked", ["validate", "whatIf"])
def test_a_scope_that_is_called_providers_is_no_subscription(desk, asked):
    answer = desk.send(
        "POST", f"/subscriptions/providers/providers/Microsoft.Resources/deployments/providers/{asked}", b"{}"
    )

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidSubscriptionId")


def test_deleting_a_deployment_keeps_its_resources(desk):
    desk.deploy(network())
    desk.finished()

    assert desk.send("DELETE", desk.path()).status == 202
    desk.azure.world.advance_to(desk.azure.world.now + 60)
    assert desk.send("GET", desk.path()).status == 404
    assert desk.names(NETWORK) == ["net"]


@pytest.mark.parametrize(("version", "left"), [("2022-07-01", []), ("2023-09-01", ["a"])])
def test_a_network_without_its_subnets_keeps_them_only_since_2023(desk, version, left):
    inner = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": "a", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    desk.deploy(network(properties={**inner, "subnets": subnets}))
    desk.finished()

    desk.deploy(network(apiVersion=version))

    assert desk.finished()["provisioningState"] == "Succeeded"
    assert desk.names("Microsoft.Network/virtualNetworks/subnets") == left


def test_an_older_version_is_refused_where_a_subnet_is_in_use(desk):
    inner = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": "a", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    subnet = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'a')]"
    configuration = {"name": "one", "properties": {"subnet": {"id": subnet}}}
    interface = {
        "type": "Microsoft.Network/networkInterfaces",
        "apiVersion": "2024-01-01",
        "name": "nic",
        "location": "westus",
        "dependsOn": ["net"],
        "properties": {"ipConfigurations": [configuration]},
    }
    desk.deploy(network(properties={**inner, "subnets": subnets}), interface)
    assert desk.finished()["provisioningState"] == "Succeeded"

    refused = desk.deploy(network(apiVersion="2022-07-01"))

    assert refused.body["error"]["details"][0]["code"] == "InUseSubnetCannotBeDeleted"


def machine(script, **more):
    """A network, an interface, and a VM with an extension inside its own `resources`."""
    image = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
    subnet = {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 's')]"}
    one = {"name": "one", "properties": {"subnet": subnet}}
    card = {"id": "[resourceId('Microsoft.Network/networkInterfaces', 'i')]"}
    settings = {"publisher": "Microsoft.Azure.Extensions", "type": "CustomScript", "typeHandlerVersion": "2.1"}
    inner = {
        **{"type": "extensions", "apiVersion": "2024-11-01", "name": "script", "location": "westus"},
        "properties": {**settings, "settings": {"commandToExecute": script}},
    }
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    start = {"apiVersion": "2024-01-01", "location": "westus"}
    return (
        network(properties={**space, "subnets": subnets}),
        {
            **{**start, "type": "Microsoft.Network/networkInterfaces", "name": "i", "dependsOn": ["net"]},
            "properties": {"ipConfigurations": [one]},
        },
        {
            **{**start, "apiVersion": "2024-11-01", "type": VM, "name": "m", "dependsOn": ["i"]},
            "properties": {
                "hardwareProfile": {"vmSize": "Standard_B2s"},
                "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage"}},
                "osProfile": {"computerName": "m", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
                "networkProfile": {"networkInterfaces": [card]},
            },
            "resources": [inner],
        },
    )


def extension_of(desk):
    path = f"{desk.group}/providers/{VM}/m/extensions/script"
    request = Request("GET", "management.azure.com", path, {"api-version": "2024-11-01", "$expand": "instanceView"})
    return desk.azure.manager.handle(request).body["properties"]


def test_a_vm_s_script_runs_once_with_its_template(desk):
    assert desk.deploy(*machine("echo run >> /var/log/runs; cat /var/log/runs")).status == 201

    assert desk.finished()["provisioningState"] == "Succeeded"
    assert "[stdout]\nrun\n\n" in extension_of(desk)["instanceView"]["statuses"][0]["message"]


def test_a_script_that_fails_fails_its_deployment_and_what_it_left_stays(desk):
    assert desk.deploy(*machine("exit 3")).status == 201

    error = desk.finished()["error"]
    assert (error["code"], error["details"][0]["code"]) == ("DeploymentFailed", "VMExtensionProvisioningError")
    assert extension_of(desk)["provisioningState"] == "Failed"
    assert desk.names(VM) == ["m"]


def test_what_a_nested_template_made_before_it_failed_stays(desk):
    template = {"resources": [*machine("exit 3")]}
    properties = {"mode": "Incremental", "template": template}
    nested = {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "inner"}

    assert desk.deploy({**nested, "properties": properties}).status == 201

    assert desk.finished()["error"]["code"] == "DeploymentFailed"
    assert extension_of(desk)["provisioningState"] == "Failed"
    assert desk.finished("inner")["provisioningState"] == "Failed"
