"""Whose a thing is, by its tags or by the tags of what it is part of; and when it may go."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab import ownership
from acrlab.lab.ownership import (
    assignments,
    expired,
    expires,
    is_given_by_lab,
    is_held_for,
    is_ours,
    is_the_learner_s,
    let_pull,
    let_read,
    pull_right,
    require_location,
    require_ours,
    require_own,
    role_guid,
    role_name,
    tags_of,
)

OURS, THEIRS = {"acrlab": "contoso42"}, {"acrlab": "fabrikam"}
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
REPOSITORY_READER, ROLES_VERSION = "b93aa761-3e63-49ed-ac28-beffa264f7ac", "2022-04-01"
PRINCIPAL = "33333333-3333-4333-8333-333333333333"


@pytest.fixture
def real(lab):
    """A lab that says that it is on a real subscription."""
    lab.settings = lab.settings.model_copy(update={"backend": "azure"})
    return lab


def put(world, id, **body):
    """Store a thing as Azure would have it."""
    state = {"creationDate": "2026-01-05T09:00:00.0000000Z"}  # told of registries
    with world.transaction():
        return world.put(world.new(ArmId.parse(id), {"properties": {}, **body}, state))


# -- by tags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tags", "ours"), [(OURS, True), (THEIRS, False), ({"team": "web"}, False), (None, False)])
def test_ours_is_what_carries_the_tag_with_the_lab_s_registry(lab, tags, ours):
    assert is_ours(lab, tags) == ours


@pytest.mark.parametrize(
    ("owner", "tags", "held"),
    [
        ("ada", {"class": "acrlab", "acrlab-owner": "ada"}, True),
        ("ada", {"acrlab-owner": "ada"}, True),
        ("ada", {"acrlab-owner": "Ada"}, False),
        ("ada", {"acrlab-owner": "bob"}, False),
        ("ada", {"class": "acrlab"}, False),
        ("ada", {"acrlab-owner": "ada", **OURS}, False),
        ("ada", {"acrlab-owner": "ada", **THEIRS}, False),
        ("ada", None, False),
        ("", {"acrlab-owner": ""}, False),
        ("", {}, False),
    ],
)
def test_a_group_is_held_for_the_owner_that_it_names_where_no_lab_made_it(lab, owner, tags, held):
    lab.settings = lab.settings.model_copy(update={"owner": owner})

    assert is_held_for(lab, tags) is held


def test_a_registry_s_name_in_capitals_is_the_same_lab(lab):
    lab.settings = lab.settings.model_copy(update={"registry_name": "Contoso42"})

    assert tags_of(lab)["acrlab"] == "contoso42"


def test_all_that_is_emulated_is_the_learner_s(lab):
    assert is_the_learner_s(lab, None)
    assert is_the_learner_s(lab, THEIRS)


def test_on_a_real_subscription_what_the_lab_made_is_the_learner_s_alone(real):
    assert is_the_learner_s(real, OURS)
    assert not is_the_learner_s(real, THEIRS)
    assert not is_the_learner_s(real, None)


def test_what_is_someone_else_s_is_refused_by_name_with_a_way_out(real):
    with pytest.raises(RefusedError) as caught:
        require_ours(real, THEIRS, "/subscriptions/s/resourceGroups/g/providers/N/t/theirs")

    assert str(caught.value).startswith("theirs is left as it is: it does not carry the lab's tag, so it is someone el")
    assert str(caught.value).endswith("Choose another name for the lab's own, or change it yourself.")
    assert (caught.value.status, caught.value.code) == (0, "NotOurs")
    assert caught.value.resource_id == "/subscriptions/s/resourceGroups/g/providers/N/t/theirs"


def test_what_is_ours_passes(real):
    require_ours(real, OURS, "/subscriptions/s/resourceGroups/g/providers/N/t/ours")


# -- by id -------------------------------------------------------------------------------------------------------------

PARTS = [
    ("Microsoft.Network/virtualNetworks", ["net"]),
    ("Microsoft.Network/virtualNetworks/subnets", ["net", "sub"]),
    ("Microsoft.Network/networkSecurityGroups/securityRules", ["group", "rule"]),
    ("Microsoft.Network/routeTables/routes", ["table", "route"]),
    ("Microsoft.Network/privateDnsZones/A", ["contoso.internal", "record"]),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", ["contoso.internal", "link"]),
]


def tagged_part(type, names):
    """What of a thing carries tags: a link does itself, of others the outermost."""
    return (type, names) if type.endswith("virtualNetworkLinks") else ("/".join(type.split("/")[:2]), names[:1])


@pytest.mark.parametrize(("type", "names"), PARTS)
def test_a_part_belongs_where_the_thing_does_that_carries_tags(real, world, type, names):
    whose, named = tagged_part(type, names)
    if len(named) > 1:
        put(world, real.id_of("Microsoft.Network/privateDnsZones", "contoso.internal"), tags=THEIRS)
    put(world, real.id_of(whose, *named), tags=OURS)
    require_own(real, real.id_of(type, *names))

    put(world, real.id_of(whose, *named), tags=THEIRS)
    with pytest.raises(RefusedError, match=f"^{named[-1]} is left as it is") as caught:
        require_own(real, real.id_of(type, *names))
    assert caught.value.resource_id == real.id_of(whose, *named)


def test_what_is_not_there_belongs_to_no_one_yet(real):
    require_own(real, real.id_of("Microsoft.Network/virtualNetworks", "net"))


def test_what_may_not_be_read_is_not_taken_for_ours(real, monkeypatch):
    def refuse(*_):
        raise RefusedError("no", status=409, code="Conflict", resource_id="")

    monkeypatch.setattr(real.arm, "get", refuse)

    with pytest.raises(RefusedError, match="no"):
        require_own(real, real.id_of("Microsoft.Network/virtualNetworks", "net"))


def test_on_the_emulated_azure_nothing_has_to_be_read(lab, sent):
    require_own(lab, lab.id_of("Microsoft.Network/virtualNetworks", "net"))

    assert sent == []


# -- by location -------------------------------------------------------------------------------------------------------


def test_what_the_lab_made_elsewhere_is_not_taken_for_what_is_wanted_here(lab):
    with pytest.raises(ConfigurationError) as caught:
        require_location(lab, "contoso42", "West Europe", OURS)

    assert caught.value.field == "location"
    assert "it is westus, and the lab made contoso42 in westeurope, which Azure does not move." in str(caught.value)
    assert "Set it to westeurope, or delete the lab first: acrlab clean-up." in str(caught.value)


def test_a_thing_without_a_location_is_elsewhere(lab):
    with pytest.raises(ConfigurationError, match="the lab made contoso42 in , which"):
        require_location(lab, "contoso42", None, OURS)


@pytest.mark.parametrize(("location", "tags"), [("West US", OURS), ("westus", OURS), ("westeurope", THEIRS)])
def test_what_is_here_or_not_ours_is_no_concern(lab, location, tags):
    require_location(lab, "contoso42", location, tags)


# -- until when --------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tags", "gone"),
    [
        ({**OURS, "acrlab-expires": "2026-03-01T11:59Z"}, True),
        ({**OURS, "acrlab-expires": "2026-03-01T12:00Z"}, True),
        ({**OURS, "acrlab-expires": "2026-03-01T12:01Z"}, False),
        ({**OURS, "acrlab-expires": "2026-03-01T11:59"}, True),  # without a zone it is UTC
        ({**OURS, "acrlab-expires": "2026-03-01T12:01"}, False),
        ({**OURS, "acrlab-expires": "2026-03-01T12:30+01:00"}, True),
        ({**OURS, "acrlab-expires": "soon"}, False),
        ({"acrlab-expires": "2026-03-01T11:59Z"}, False),  # not of a lab
        (OURS, False),
        (None, False),
    ],
)
def test_something_of_a_lab_expires_at_the_time_that_it_says(tags, gone):
    assert expired(tags, NOON) == gone


def test_what_expired_a_day_ago_has_expired_by_now():
    def at(days):
        return {**OURS, "acrlab-expires": (datetime.now(UTC) + timedelta(days=days)).isoformat()}

    assert expired(at(-1))
    assert not expired(at(1))


def test_a_lab_says_when_it_may_go_in_utc_or_nothing(lab):
    lab.opened = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert expires(lab) == ""

    lab.settings = lab.settings.model_copy(update={"expires_hours": 36})
    assert expires(lab) == "2026-03-02T11:30Z"


# -- rights ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def registry(lab, world):
    return str(put(world, lab.registry_id, tags=OURS, location="westus", sku={"name": "Premium"}).id)


def right(lab, id, *, scope, role=ACR_PULL, principal=PRINCIPAL):
    definition = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return {"id": id, "properties": {"scope": scope, "roleDefinitionId": definition, "principalId": principal}}


def test_the_name_of_a_right_is_known_from_what_it_says(registry):
    words = f"{registry}\n{PRINCIPAL}\n{ACR_PULL}".lower()
    name = uuid.uuid5(uuid.NAMESPACE_URL, words)

    assert pull_right(registry, PRINCIPAL) == f"{registry}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assert pull_right(registry.upper(), PRINCIPAL).rpartition("/")[2] == str(name)


def test_the_right_that_the_lab_gave_is_known_again(lab, registry):
    let_pull(lab, registry, PRINCIPAL)

    (given,) = assignments(lab, registry, PRINCIPAL)

    assert given["id"].lower() == pull_right(registry, PRINCIPAL).lower()
    assert given["properties"]["principalType"] == "ServicePrincipal"
    assert role_guid(given) == ACR_PULL
    assert is_given_by_lab(lab, given, registry)
    assert is_given_by_lab(lab, given, registry.upper())


def test_a_right_of_another_name_role_or_place_was_not_given_by_the_lab(lab, registry):
    own = pull_right(registry, PRINCIPAL)
    group, reader = registry.partition("/providers/")[0], "acdd72a7-3385-48ef-bd42-f606fba81ae7"

    assert is_given_by_lab(lab, right(lab, own.upper(), scope=registry.upper()), registry)
    assert not is_given_by_lab(lab, right(lab, f"{own[:-1]}x", scope=registry), registry)
    assert not is_given_by_lab(lab, right(lab, own, scope=group), registry)
    assert not is_given_by_lab(lab, right(lab, own, scope=registry, role=reader), registry)
    assert not is_given_by_lab(lab, right(lab, own, scope=registry, principal="another"), registry)


def test_in_a_recording_where_all_ids_have_become_others_the_name_does_not_count(lab, registry):
    lab.settings = lab.settings.model_copy(update={"backend": "replay"})

    assert is_given_by_lab(lab, right(lab, "another", scope=registry), registry)
    assert not is_given_by_lab(lab, right(lab, "another", scope="/subscriptions/s"), registry)


def test_rights_are_listed_of_one_principal_or_of_all(lab, registry):
    other = "44444444-4444-4444-8444-444444444444"
    let_pull(lab, registry, PRINCIPAL)
    let_pull(lab, registry, other)

    assert {one["properties"]["principalId"] for one in assignments(lab, registry)} >= {PRINCIPAL, other}
    assert [one["properties"]["principalId"] for one in assignments(lab, registry, other)] == [other]


@pytest.mark.parametrize(
    ("give", "role", "told"),
    [
        (let_pull, ACR_PULL, "Assigning AcrPull"),
        (let_read, REPOSITORY_READER, "Assigning Container Registry Repository Reader"),
    ],
)
def test_a_right_is_given_under_the_name_that_it_is_known_by(lab, registry, monkeypatch, give, role, told):
    sent = []
    monkeypatch.setattr(lab.arm, "put", lambda *words: sent.append(words))

    give(lab, registry, PRINCIPAL)

    definition = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    said = {"roleDefinitionId": definition, "principalId": PRINCIPAL, "principalType": "ServicePrincipal"}
    assert sent == [(pull_right(registry, PRINCIPAL, role), ROLES_VERSION, {"properties": said}, told)]


def test_a_right_on_a_registry_of_someone_else_is_not_given(real, world):
    said = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"dataEndpointEnabled": False}}
    theirs = str(put(world, real.registry_id, tags=THEIRS, **said).id)

    with pytest.raises(RefusedError, match="contoso42 is left as it is"):
        let_pull(real, theirs, PRINCIPAL)


def test_a_role_is_named_and_one_that_is_not_known_is_told_by_its_guid(lab, registry):
    assert role_name(right(lab, "", scope=registry)) == "AcrPull"
    assert role_name(right(lab, "", scope=registry, role="ABCD")) == "abcd"


def test_where_this_computer_has_no_name_for_its_user_there_is_none(monkeypatch):
    def fail(problem):
        def getuser():
            raise problem

        return getuser

    for problem in (KeyError(), OSError(), ImportError()):
        monkeypatch.setattr(ownership.getpass, "getuser", fail(problem))
        assert ownership._user() == ""
