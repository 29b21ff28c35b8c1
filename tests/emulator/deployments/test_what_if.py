"""What-if: what a deployment would change, told from what is there, and nothing changed."""

from __future__ import annotations

import pytest

from tests.emulator.deployments.test_deployments import network, registry

SUBNET = "Microsoft.Network/virtualNetworks/subnets"


def ask(desk, *resources, scope="", **more):
    properties = {"mode": "Incremental", "template": {"resources": list(resources)}, **more}
    place = {"location": "westus"} if scope else {}
    return followed(desk, desk.send("POST", f"{desk.path('w', scope)}/whatIf", {**place, "properties": properties}))


def followed(desk, accepted):
    """What is told in the end, where the first answer leads to."""
    assert (accepted.status, accepted.body) == (202, None)
    place = accepted.headers["Location"].partition("?")[0].removeprefix("https://management.azure.com")
    desk.azure.world.advance_to(desk.azure.world.now + 60)
    told = desk.send("GET", place)
    assert told.status == 200
    return told.body


def changes(desk, *resources, **more):
    told = ask(desk, *resources, **more)
    return {one["resourceId"].rpartition("/")[2]: one for one in told["properties"]["changes"]}


def kinds(desk, *resources, **more):
    return {name: one["changeType"] for name, one in changes(desk, *resources, **more).items()}


def test_what_is_not_there_would_be_created_and_is_not(desk):
    before = desk.azure.world.dump()
    told = changes(desk, network())

    assert (told["net"]["changeType"], told["net"]["before"]) == ("Create", None)
    assert told["net"]["after"]["properties"]["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16"]
    assert desk.azure.world.dump() == before


def test_the_same_again_changes_nothing(desk):
    desk.deploy(network(), registry())
    desk.finished()

    assert kinds(desk, network(), registry()) == {"net": "NoChange", "contoso": "NoChange"}


def test_another_sku_and_an_identity_are_changes_too(desk):
    desk.deploy(registry(sku={"name": "Standard"}))
    desk.finished()

    told = changes(desk, registry(sku={"name": "Premium"}, identity={"type": "SystemAssigned"}))["contoso"]

    assert told["changeType"] == "Modify"
    paths = {one["path"]: (one["before"], one["after"]) for one in told["delta"]}
    assert paths["sku.name"] == ("Standard", "Premium")
    assert paths["identity"] == (None, {"type": "SystemAssigned"})


def test_a_change_is_told_with_the_property(desk):
    desk.deploy(network(), registry())
    desk.finished()

    told = changes(desk, network(), registry(properties={"adminUserEnabled": True}))

    assert told["net"]["changeType"] == "NoChange"
    assert told["contoso"]["changeType"] == "Modify"
    (one,) = told["contoso"]["delta"]
    assert (one["path"], one["propertyChangeType"]) == ("properties.adminUserEnabled", "Modify")
    assert (one["before"], one["after"]) == (False, True)


def test_a_subnet_that_a_template_leaves_out_would_go(desk):
    inner = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": name, "properties": {"addressPrefix": f"10.0.{at}.0/24"}} for at, name in enumerate("ab")]
    desk.deploy(network(properties={**inner, "subnets": subnets}))
    desk.finished()

    told = changes(desk, network(properties={**inner, "subnets": subnets[:1]}))["net"]

    (array,) = told["delta"]
    assert (array["path"], array["propertyChangeType"]) == ("properties.subnets", "Array")
    assert [(c["propertyChangeType"], c["before"]["name"]) for c in array["children"]] == [("Delete", "b")]


def test_what_the_template_does_not_name_is_ignored(desk):
    desk.deploy(network(), registry())
    desk.finished()

    assert kinds(desk, network()) == {"net": "NoChange", "contoso": "Ignore"}


def test_a_complete_deployment_would_delete_it(desk):
    desk.deploy(network(), registry())
    desk.finished()

    told = changes(desk, network(), mode="Complete")

    assert told["contoso"]["changeType"] == "Delete"
    assert told["contoso"]["after"] is None


def test_ids_alone_where_no_more_is_asked_for(desk):
    (one,) = ask(desk, network(), whatIfSettings={"resultFormat": "ResourceIdOnly"})["properties"]["changes"]

    assert set(one) == {"resourceId", "changeType"}


def test_a_template_that_would_be_refused_says_why(desk):
    told = ask(desk, {**network(), "type": SUBNET, "name": "none/a"})

    assert told["status"] == "Failed"
    assert told["error"]["code"] == "ParentResourceNotFound"


def test_a_subscriptions_deployment_is_told_with_its_groups(desk):
    group = {"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2024-03-01", "location": "westus"}
    inner = {"mode": "Incremental", "template": {"resources": [network()]}}
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2024-03-01",
        "name": "inner",
        "resourceGroup": "new",
        "dependsOn": ["new"],
        "properties": inner,
    }

    told = kinds(desk, {**group, "name": "new"}, nested, scope=desk.root)

    assert told == {"new": "Create", "net": "Create"}


@pytest.mark.parametrize("verb", ["whatIf", "validate"])
@pytest.mark.parametrize("properties", [None, 3, [], "x", {}])
def test_what_is_no_deployment_is_refused(desk, verb, properties):
    answer = desk.send("POST", f"{desk.path('w')}/{verb}", {"properties": properties})

    error = answer.body["error"]
    assert error["code"] == "InvalidRequestContent"


@pytest.mark.parametrize("settings", [None, [], {"resultFormat": None}])
def test_settings_that_say_nothing_leave_all_to_be_told(desk, settings):
    (one,) = ask(desk, network(), whatIfSettings=settings)["properties"]["changes"]

    assert one["after"]["name"] == "net"


def test_two_questions_of_one_moment_have_each_their_answer(desk):
    bodies = ({"properties": {"mode": "Incremental", "template": {"resources": [network(name)]}}} for name in "ab")
    first, second = [desk.send("POST", f"{desk.path('w')}/whatIf", body) for body in bodies]

    told = [followed(desk, one)["properties"]["changes"][0]["resourceId"] for one in (first, second)]
    assert [id.rpartition("/")[2] for id in told] == ["a", "b"]


def test_the_answer_takes_its_time(desk):
    accepted = desk.send("POST", f"{desk.path('w')}/whatIf", {"properties": {"template": {"resources": []}}})
    place = accepted.headers["Location"].partition("?")[0].removeprefix("https://management.azure.com")

    waiting = desk.send("GET", place)

    assert (waiting.status, waiting.body) == (202, None)
    assert waiting.headers["Location"] == accepted.headers["Location"]
    assert followed(desk, accepted)["properties"]["changes"] == []
