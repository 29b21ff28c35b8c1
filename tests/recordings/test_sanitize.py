"""What a recording has in place of what must not be in it."""

from __future__ import annotations

import pytest

from acrlab.lab.lab import Lab
from acrlab.recordings.names import of_the_article
from acrlab.recordings.sanitize import SUBSCRIPTION, Pseudonyms
from acrlab.recordings.sensitive import sightings
from acrlab.recordings.telling import HIDDEN
from tests.canaries import CANARIES, GUID

PULL = "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms({"contoso42": "myregistry", "prod": "myResourceGroup", GUID: SUBSCRIPTION})


def test_the_subscription_of_recordings_is_the_emulated_one(lab: Lab) -> None:
    assert lab.subscription == SUBSCRIPTION


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("https://contoso42.westus.data.azurecr.io/v2/", "https://myregistry.westus.data.azurecr.io/v2/"),
        ("repository%3Acontoso42%3Apull", "repository%3Amyregistry%3Apull"),
        ("access-contoso42.json", "access-myregistry.json"),
        ("/RESOURCEGROUPS/PROD/providers", "/RESOURCEGROUPS/myResourceGroup/providers"),
        ("production, Microsoft.Prod/things", "production, Microsoft.Prod/things"),
        (f"/subscriptions/{GUID.upper()}/x", f"/subscriptions/{SUBSCRIPTION}/x"),
        (
            f"?api-version=1&t=638&s={'AbCd' * 6}%2b&h={'Zyxw' * 8}",
            f"?api-version=1&t={HIDDEN}&s={HIDDEN}&h={HIDDEN}",
        ),
        ("client with IP '52.174" + ".3.9' is not allowed", "client with IP '203.0.113.21' is not allowed"),
        ("10.0.0.5, 168.63.129.16, 192.0.2.7, 1.2.3", "10.0.0.5, 168.63.129.16, 192.0.2.7, 1.2.3"),
        ("set docker credentials: Error response from daemon", "set docker credentials: Error response from daemon"),
        ("anonymous token: unexpected status from GET", "anonymous token: unexpected status from GET"),
        ("token: Error42 response", f"token: {HIDDEN} response"),
        ("createdBy: ada" + "@" + "lovelace.org", "createdBy: person1@example.com"),
        ("sha256:" + "ab" * 32, "sha256:" + "ab" * 32),
        (PULL.format(SUBSCRIPTION), PULL.format(SUBSCRIPTION)),
    ],
)
def test_what_is_sensitive_is_replaced_and_nothing_else(pseudonyms: Pseudonyms, text: str, instead: str) -> None:
    assert pseudonyms.text(text) == instead
    assert pseudonyms.text(instead) == instead, "what was replaced stays as it is"


def test_the_same_id_is_the_same_everywhere_in_one_recording_and_another_in_the_next(pseudonyms: Pseudonyms) -> None:
    id = "-".join(("9e107d9d", "372b", "4826", "81d1", "6bd5b9a05e1c"))

    first = pseudonyms.text(f"principal {id}")

    assert pseudonyms.text(f"$filter=assignedTo(%27{id}%27)") == f"$filter=assignedTo(%27{first.split()[1]}%27)"
    assert id not in first
    assert Pseudonyms({}).text(f"principal {id}") != first


def test_what_a_key_calls_a_secret_is_hidden_whatever_it_looks_like(pseudonyms: Pseudonyms) -> None:
    answer = {
        "access_token": "abc",
        "passwords": [{"name": "password", "value": "hunter2"}],
        "value": [{"name": "prod", "value": "kept"}],
        "keyData": "ssh-rsa AAAA",
        "size": 2,
    }

    assert pseudonyms.json(answer) == {
        "access_token": HIDDEN,
        "passwords": [{"name": "password", "value": HIDDEN}],
        "value": [{"name": "myResourceGroup", "value": "kept"}],
        "keyData": HIDDEN,
        "size": 2,
    }


def test_an_operation_whose_name_tells_of_its_resource_gets_another_everywhere(pseudonyms: Pseudonyms) -> None:
    job = CANARIES["encoded JSON"]

    once, twice = (pseudonyms.text(f"/operationresults/{job}{rest}") for rest in ("?api-version=1", ""))

    assert once == f"{twice}?api-version=1"
    assert "yJqb2" not in once


def test_many_addresses_stay_apart(pseudonyms: Pseudonyms) -> None:
    given = [f"52.0.{n // 250}.{n % 250 + 1}" for n in range(500)]

    found = [pseudonyms.text(address) for address in given]

    assert len(set(found)) == 500
    assert [s for text in found for s in sightings(text)] == []


def test_the_tag_that_a_task_has_its_reader_write_stays_and_no_other_value_of_its_name(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.json({"tags": {"purpose": "private-link"}}) == {"tags": {"purpose": "private-link"}}
    assert "payroll" not in str(pseudonyms.json({"tags": {"purpose": "payroll"}}))


@pytest.mark.parametrize(
    ("answer", "instead"),
    [
        ({"domainName": "azurecr.io."}, {"domainName": "azurecr.io."}),
        ({"domainName": "corp.lovelace.org."}, {"domainName": HIDDEN}),
        ({"clusterToken": "abc", "context": ""}, {"clusterToken": HIDDEN, "context": ""}),
        (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"team": "ada"}}},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}},
        ),
        ({"logs": '{"items": [{"annotations": 1}]}'}, {"logs": '{"items": [{}]}'}),
    ],
)
def test_of_rules_and_clusters_stays_what_is_of_the_lab(
    pseudonyms: Pseudonyms, answer: dict[str, object], instead: dict[str, object]
) -> None:
    assert pseudonyms.json(answer) == instead
    assert pseudonyms.json(instead) == instead


def test_a_record_that_azure_wrote_says_so_and_does_not_name_other_people_s_endpoints(pseudonyms: Pseudonyms) -> None:
    guid = "b7ea4ae4-0000-4000-8000-c0d2881d8d74"

    def noted(endpoint: str) -> str:
        words = f"created by private endpoint {endpoint} with resource guid {guid}"
        said = pseudonyms.json({"metadata": {"creator": words}})
        assert pseudonyms.json(said) == said
        return str(said["metadata"]["creator"]).removeprefix("created by private endpoint ")

    assert noted("prod") == f"myResourceGroup with resource guid {guid}"
    assert noted("payroll-endpoint").startswith("other-")
    assert pseudonyms.json({"metadata": {"creator": "ada"}})["metadata"] != {"creator": "ada"}


def test_the_group_of_a_cluster_s_nodes_is_its_own_group_s_and_that_of_another_is_not(pseudonyms: Pseudonyms) -> None:
    own = "/subscriptions/s/resourceGroups/MC_prod_myAKSCluster_westus/providers/Microsoft.Network/networkInterfaces/n1"
    theirs = own.replace("MC_prod", "MC_theirs")

    assert pseudonyms.text(own) == own.replace("prod", "myResourceGroup")
    assert "theirs" not in pseudonyms.text(theirs)


def test_a_replay_finds_what_was_asked_for_in_other_letters() -> None:
    recording, replay = Pseudonyms({"prod": "myResourceGroup"}), Pseudonyms(of_the_article())

    assert recording.text("/resourcegroups/prod/x") == replay.text("/resourcegroups/myresourcegroup/x")


def test_resolvers_that_anyone_may_ask_are_the_same_in_every_recording(pseudonyms: Pseudonyms) -> None:
    for digits in ("8888", "1111"):
        assert pseudonyms.text(address := ".".join(digits)) == address
