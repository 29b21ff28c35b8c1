"""How a body becomes a resource, step by step, on types that are declared for that alone."""

import json

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.admission import failed_precondition, merged, require_home, store
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import ArmError, NotEmulated, Request
from acrlab.emulator.core.lro import Polling
from acrlab.emulator.core.registration import register
from acrlab.emulator.core.schema import LOCATED, ResourceType
from acrlab.emulator.core.values import Field, Text, Unfit, Whole
from acrlab.emulator.core.world import World
from acrlab.emulator.types import ALL

SOURCE = "https://learn.microsoft.com/rest/api/"
THING, PART, PLAIN = "Microsoft.Network/things", "Microsoft.Network/things/parts", "Microsoft.Network/plains"
VERSION = "2024-05-01"
COUNTED, OTHER = "Microsoft.Network/counted", "Microsoft.Other/things"
seen = []  # what rules and effects were given, in the order in which they were
scenes = []  # what a default was given


def witness(scene):
    """A default that leaves its property out."""
    scenes.append(scene)


def refuses_red(world, thing, old):
    assert world.find(id_of()) or not old
    seen.append(("rule", old.properties.get("size") if old else None, thing.phase))
    if thing.properties.get("colour") == "red":
        raise ArmError(400, "NotRed", "Not red.")


def notes(world, thing, old):
    assert world.find(id_of()) or not old
    seen.append(("on_put", old.properties.get("size") if old else None, thing.phase))
    thing.state["noted"] = thing.properties.get("size")


def counts(world, thing, old):
    thing.state["count"] = (old.state["count"] if old else 0) + 1


def is_even(world, thing, old):
    """Look at what is there, what it was before, and what it is now."""
    assert bool(world.find(thing.id)) == bool(old)
    seen.append((old.state["count"] if old else 0, thing.state["count"]))
    return thing.state["count"] % 2 == 0


PROPERTIES = {
    "witness": Field(Text(), default=witness),
    "colour": Field(Text()),
    "size": Field(Whole(1, 9), default=5),
    "inner": Field(Shape({"deep": Field(Text())})),
}
TYPES = (
    ResourceType(
        THING,
        SOURCE,
        name=r"[a-z]{1,8}",
        properties=PROPERTIES,
        read_only=("echo",),
        computed={"length": lambda state, thing: 7},
        computed_envelope={"kindred": lambda state, thing: "x"},
        children={"parts": "parts"},
        children_stay_since={"parts": "2023-09-01"},
        rules=(refuses_red,),
        on_put=notes,
        asked=("sync",),
        at_once=lambda world, thing, old: thing.properties.get("colour") == "instant",
        etag="quoted",
    ),
    ResourceType(PART, SOURCE, envelope={}, properties=PROPERTIES, rules=(refuses_red,)),
    ResourceType(
        PLAIN,
        SOURCE,
        envelope={},
        properties=PROPERTIES,
        wrapped_errors=False,
        exists_text="{name} of {zone} is there.",
        changed_text="{name} of {zone} changed.",
    ),
    ResourceType(f"{PLAIN}/parts", SOURCE, envelope={}, exists_text="{name} of {zone} is there."),
    ResourceType("Microsoft.Network/free", SOURCE, in_group=False),
    ResourceType(COUNTED, SOURCE, envelope={}, on_put=counts, at_once=is_even),
    ResourceType(OTHER, SOURCE, envelope={}, name="[a-z]+"),
)
WAIT = Polling(status_url="/x")


@pytest.fixture
def world():
    seen.clear()
    scenes.clear()
    world = World((*ALL, *TYPES))
    with world.transaction():
        world.put(world.new(ArmId.of_group("s", "g"), {"location": "westus", "properties": {}}))
        register(world, "Microsoft.Network", "s")
    yield world
    world.close()


def id_of(type=THING, *names, group="g"):
    return ArmId(str(ArmId.of_group("s", group)), type, names or ("a",))


def put(world, type=THING, *names, version=VERSION, wait=None, **sent):
    """Store a body; a thing has a location unless told otherwise."""
    body = {"location": "westus", **sent} if type == THING else sent
    id = id_of(type, *names)
    with world.transaction():
        return store(world, world.type_of(id), id, body, version=version, wait=wait)


def refused(world, *args, **more):
    with pytest.raises(ArmError) as caught:
        put(world, *args, **more)
    return caught.value


# -- where it goes -----------------------------------------------------------------------------------------------------


def homeless(world, id):
    with pytest.raises(ArmError) as caught:
        require_home(world, world.type_of(id), id)
    return caught.value


def test_a_thing_needs_its_group(world):
    error = homeless(world, id_of(group="gone"))

    assert (error.status, error.code) == (404, "ResourceGroupNotFound")
    require_home(world, world.type_of(id_of()), id_of())


def test_what_lies_in_no_group_needs_none(world):
    id = ArmId("/subscriptions/s", "Microsoft.Network/free", ("a",))
    require_home(world, world.type_of(id), id)

    beside = id_of("Microsoft.Network/free", group="gone")
    require_home(world, world.type_of(beside), beside)


def test_a_group_is_its_own_home(world):
    group = ArmId.of_group("s", "new")

    require_home(world, world.type_of(group), group)


def test_a_part_needs_its_parent(world):
    error = homeless(world, id_of(PART, "a", "b"))

    assert (error.status, error.code, error.gateway) == (404, "ParentResourceNotFound", True)
    _, _, type = PART.partition("/")
    assert error.message == (
        f"Failed to perform 'write' on resource(s) of type '{type}', because the parent resource "
        f"'{id_of(PART, 'a', 'b').parent}' could not be found."
    )
    put(world)
    require_home(world, world.type_of(id_of(PART, "a", "b")), id_of(PART, "a", "b"))


def test_a_provider_has_to_be_registered(world):
    with world.transaction():
        register(world, "Microsoft.Network", "s", to="NotRegistered")

    error = homeless(world, id_of())

    assert (error.status, error.code, error.gateway) == (409, "MissingSubscriptionRegistration", True)
    assert error.message == (
        "The subscription is not registered to use namespace 'Microsoft.Network'. "
        "See https://aka.ms/rps-not-found for how to register subscriptions."
    )
    assert error.details == [
        {"code": "MissingSubscriptionRegistration", "target": "Microsoft.Network", "message": error.message}
    ]


# -- if-match ----------------------------------------------------------------------------------------------------------


def precondition(world, id, **headers):
    request = Request("PUT", "h", str(id), headers={name.replace("_", "-"): value for name, value in headers.items()})
    return failed_precondition(world, world.type_of(id), id, world.find(id), request)


def test_without_conditions_and_with_those_that_hold_there_is_nothing_against_a_write(world):
    etag = world.etag(put(world)[0])

    assert precondition(world, id_of()) is None
    assert precondition(world, id_of(), if_match="*") is None
    assert precondition(world, id_of(), if_match=etag) is None
    assert precondition(world, id_of(), if_match=etag.strip('"')) is None
    assert precondition(world, id_of(THING, "new"), if_none_match="*") is None
    assert precondition(world, id_of(THING, "new"), if_match="*") is None
    assert precondition(world, id_of(), if_none_match="another") is None


def test_what_exists_is_not_made_again(world):
    put(world)

    error = precondition(world, id_of(), if_none_match="*")

    assert (error.status, error.code, error.wrapped) == (412, "PreconditionFailed", True)
    assert error.message == "The resource a exists already."


def test_what_has_changed_or_is_not_there_is_not_written_over(world):
    put(world)

    assert precondition(world, id_of(), if_match="another").message == (
        "The resource a has been modified (etag mismatch)."
    )
    assert precondition(world, id_of(THING, "new"), if_match="another").code == "PreconditionFailed"


def test_a_service_says_it_in_its_own_words(world):
    put(world, PLAIN, "z")
    put(world, f"{PLAIN}/parts", "z", "r")

    error = precondition(world, id_of(PLAIN, "z"), if_match="another")
    assert (error.message, error.wrapped) == ("z of  changed.", False)
    assert precondition(world, id_of(f"{PLAIN}/parts", "z", "r"), if_none_match="*").message == "r of z is there."


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_a_body_is_kept_with_its_defaults_and_without_what_services_compute(world):
    echoed = {"echo": 1, "length": 2, "provisioningState": "Failed"}
    sent = {"id": "x", "name": "x", "type": "x", "etag": "x", "kindred": "x", "systemData": {}, "tags": {"a": "b"}}

    sent |= {"location": "westus", "properties": {"colour": "blue", **echoed}}
    with world.transaction():
        resource, keys = store(world, TYPES[0], id_of(), sent, version=VERSION, wait=None)

    assert resource.body == {
        "location": "westus",
        "tags": {"a": "b"},
        "properties": {"colour": "blue", "size": 5},
    }
    assert keys == (id_of().key,)
    assert world.find(id_of()).body == resource.body
    assert resource.phase == "Succeeded"


@pytest.mark.parametrize("properties", [None, {}])
def test_a_body_may_say_nothing(world, properties):
    assert put(world, properties=properties)[0].properties == {"size": 5}
    assert put(world, THING, "b")[0].properties == {"size": 5}


def test_what_was_sent_is_left_as_it_is(world):
    sent = {"location": "westus", "properties": {"parts": []}}
    with world.transaction():
        store(world, TYPES[0], id_of(), sent, version=VERSION, wait=None)

    assert sent == {"location": "westus", "properties": {"parts": []}}


def test_a_name_that_its_type_does_not_take_is_refused_as_the_service_words_it(world):
    error = refused(world, THING, "A1")

    assert (error.code, error.wrapped) == ("InvalidResourceName", True)
    assert error.message.startswith("Resource name A1 is invalid. The name can be up to 80")
    assert not refused(world, PLAIN, "x" * 81).wrapped
    assert refused(world, OTHER, "A1").message == "Resource name A1 is invalid. It must match [a-z]+."


def test_a_location_is_required_where_its_type_has_one(world):
    error = refused(world, location="")

    assert (error.status, error.code, error.gateway) == (400, "LocationRequired", True)
    assert error.message == "The location property is required for this definition."
    put(world, PLAIN, "z")


def test_properties_are_an_object(world):
    error = refused(world, properties=[1])

    assert isinstance(error, Unfit)
    assert error.reason == "Error converting value [1] to type 'Newtonsoft.Json.Linq.JObject'. Path 'properties'."


def test_a_value_that_does_not_fit_is_told_in_the_service_s_words(world):
    error = refused(world, properties={"size": "large"})

    assert (error.code, error.message, error.wrapped) == ("InvalidRequestFormat", "Cannot parse the request.", True)
    assert "Path 'properties.size'" in error.details[0]["message"]
    assert not refused(world, PLAIN, "z", properties={"size": "large"}).wrapped


def test_what_the_front_door_refuses_is_wrapped_whatever_the_service_does(world):
    assert refused(world, PLAIN, "z", unheard={"of": 1}).wrapped
    gap = refused(world, PLAIN, "z", properties={"unheardOf": 1})
    assert isinstance(gap, NotEmulated)
    assert gap.wrapped


def test_what_is_kept_does_not_move_to_another_location(world):
    put(world)

    error = refused(world, location="westeurope")

    assert (error.status, error.code, error.gateway) == (409, "InvalidResourceLocation", True)
    assert error.message == (
        "The resource 'a' already exists in location 'westus' in resource group 'g'. A resource with the same name "
        "cannot be created in location 'westeurope'. Please select a new resource name."
    )


def test_what_lies_in_no_group_may_be_elsewhere_than_before(world):
    for location in ("westus", "westeurope"):
        found = put(world, "Microsoft.Network/free", "a", location=location)[0]
    assert found.location == "westeurope"


def test_a_refused_write_leaves_no_trace(world):
    put(world, properties={"colour": "blue", "inner": {"deep": "old"}})
    before = world.find(id_of())

    assert refused(world, properties={"colour": "red", "inner": {"deep": "new"}}).code == "NotRed"
    assert world.find(id_of()) == before


def test_what_is_written_again_is_the_same_resource_as_before(world):
    first = put(world, PLAIN, "z")[0]
    with world.transaction():
        first.state["kept"] = 1
        world.put(first)
    world.advance_to(world.now + 60)

    again = put(world, PLAIN, "z")[0]

    assert (again.state, again.created, again.generation) == ({"kept": 1}, first.created, first.generation)


def test_a_property_is_filled_in_for_the_resource_and_the_version_that_it_is_written_at(world):
    thing = put(world, version="2024-01-01", properties=with_parts("x"))[0]
    part = world.find(id_of(PART, "a", "x"))

    assert [(scene.type, scene.version, scene.resource.id) for scene in scenes] == [
        (THING, "2024-01-01", thing.id),
        (PART, "2024-01-01", part.id),
    ]
    assert all(scene.state is world for scene in scenes)


# -- phases, rules and effects -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait", "phases"),
    [(None, ["Succeeded", "Succeeded"]), (WAIT, ["Creating", "Updating"]), (Polling(phase="Scaling"), ["Scaling"] * 2)],
)
def test_a_write_that_takes_time_says_what_it_is_doing(world, wait, phases):
    assert [put(world, wait=wait)[0].phase for _ in range(2)] == phases


def test_a_write_that_changes_nothing_is_done_at_once(world):
    assert put(world, wait=WAIT, properties={"colour": "instant"})[0].phase == "Succeeded"
    assert put(world, wait=WAIT, properties={"colour": "blue"})[0].phase == "Updating"


def test_whether_a_write_is_done_at_once_is_told_by_what_was_there_and_what_is(world):
    phases = [put(world, COUNTED, "z", wait=WAIT)[0].phase for _ in range(3)]

    assert phases == ["Creating", "Succeeded", "Updating"]
    assert seen == [(0, 1), (1, 2), (2, 3)]


def test_rules_come_before_effects_and_see_what_was_there(world):
    put(world, wait=WAIT, properties={"size": 3})
    put(world, wait=WAIT, properties={"size": 4})

    assert seen == [
        ("rule", None, "Creating"),
        ("on_put", None, "Creating"),
        ("rule", 3, "Updating"),
        ("on_put", 3, "Updating"),
    ]
    assert world.find(id_of()).state["noted"] == 4


def test_what_was_asked_beside_the_body_is_noted_as_far_as_the_type_knows_it(world):
    with world.transaction():
        asked = store(
            world, TYPES[0], id_of(), {"location": "westus"}, version=VERSION, wait=None, query={"sync": "y", "x": "z"}
        )[0]
    assert asked.state["asked"] == {"sync": "y"}
    assert put(world)[0].state["asked"] == {}
    assert "asked" not in put(world, PLAIN, "z")[0].state


def test_a_part_is_not_asked_for_what_its_parent_was(world):
    parent = put(world)[0]
    with world.transaction():
        part = store(
            world, TYPES[0], id_of(THING, "b"), {"location": "westus"}, version=VERSION, wait=None, parent=parent
        )[0]
    assert "asked" not in part.state


# -- inline children ---------------------------------------------------------------------------------------------------


def parts_of(world):
    return {part.id.name: part.properties.get("colour") for part in world.children(id_of(), "parts")}


def with_parts(*names, **colours):
    listed = [*({"name": name} for name in names)]
    listed += [{"name": name, "properties": {"colour": colour}} for name, colour in colours.items()]
    return {"parts": listed}


def test_parts_are_made_changed_and_removed_with_their_parent(world):
    resource, keys = put(world, properties=with_parts("x", y="blue"))

    assert "parts" not in resource.properties
    assert keys == (id_of().key, id_of(PART, "a", "x").key, id_of(PART, "a", "y").key)
    assert parts_of(world) == {"x": None, "y": "blue"}

    put(world, properties=with_parts(Y="green", z="blue"))
    assert {name.lower(): colour for name, colour in parts_of(world).items()} == {"y": "green", "z": "blue"}

    put(world, properties={"parts": None})
    assert parts_of(world) == {}


def test_parts_share_their_parent_s_phase(world):
    put(world, wait=WAIT, properties=with_parts("x"))
    assert world.find(id_of(PART, "a", "x")).phase == "Creating"

    put(world, wait=WAIT, properties=with_parts("x", "y"))
    assert world.find(id_of(PART, "a", "y")).phase == "Updating"


def test_the_rules_of_a_part_see_what_is_done_to_it(world):
    put(world, wait=WAIT, properties=with_parts("x"))

    assert seen[-1] == ("rule", None, "Creating")


def test_a_part_that_is_sent_again_is_the_same_as_before(world):
    put(world, properties=with_parts("x"))
    world.advance_to(world.now + 60)
    put(world, properties=with_parts("X"))

    part = world.find(id_of(PART, "a", "x"))
    assert (part.generation, part.created < world.now) == (1, True)


def test_a_body_that_says_nothing_of_parts_leaves_them_since_a_version_and_took_them_before(world):
    put(world, properties=with_parts("x"))
    put(world, version="2023-09-01")
    assert parts_of(world) == {"x": None}

    put(world, version="2023-08-31")
    assert parts_of(world) == {}


def test_parts_that_are_sent_stay_in_any_version(world):
    put(world, version="2023-01-01", properties=with_parts("x"))
    put(world, version="2023-01-01", properties=with_parts("x"))

    assert parts_of(world) == {"x": None}


def test_a_patch_takes_no_parts(world):
    put(world, properties=with_parts("x"))
    with world.transaction():
        store(world, TYPES[0], id_of(), {"location": "westus"}, version="2023-01-01", wait=None, whole=False)

    assert parts_of(world) == {"x": None}


def test_parts_are_a_list_of_what_has_a_name(world):
    for sent, path in (({"x": 1}, "properties.parts"), ("x", "properties.parts")):
        error = refused(world, properties={"parts": sent})
        assert (error.code, error.message) == ("InvalidRequestFormat", "Cannot parse the request.")
        told = f"Error converting value {json.dumps(sent)} to type 'System.Collections.Generic.List`1'. Path '{path}'."
        assert told in error.details[0]["message"]
    for sent in ({}, {"name": ""}, {"name": 7}, "x", None):
        error = refused(world, properties={"parts": [{"name": "ok"}, sent]})
        expected = "Required property 'name' not found in JSON. Path 'properties.parts[1]'."
        assert error.details[0]["message"] == expected


def test_two_parts_do_not_share_a_name(world):
    error = refused(world, properties={"parts": [{"name": "x"}, {"name": "X"}]})

    message = f"Resource {id_of()} has two child resources with the same name (X)."
    assert error.details == [{"code": "DuplicateResourceName", "message": message}]


def test_a_part_that_is_refused_takes_the_whole_back(world):
    assert refused(world, properties=with_parts(x="red")).code == "NotRed"
    assert world.find(id_of()) is None


def test_a_version_is_asked_of_parts_as_of_their_parent(world):
    asked = []

    def versioned(world, part, old):
        asked.append(part.id.name)

    kind = ResourceType(PART, SOURCE, envelope=LOCATED, properties=PROPERTIES, rules=(versioned,))
    world.types[PART.lower()] = kind
    put(world, properties={"parts": [{"name": "x", "location": "westus"}]})

    assert asked == ["x"]


# -- merge patch -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "change", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({"a": "foo"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"gone": None}, {}),
    ],
)
def test_a_patch_is_merged_as_the_specification_shows(old, change, result):
    before = repr(old)

    assert merged(old, change) == result
    assert repr(old) == before
