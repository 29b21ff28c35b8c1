"""What stands in for each kind of thing, key by key and form by form."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from acrlab.recordings import sanitize
from acrlab.recordings.encodings import Found
from acrlab.recordings.sanitize import Pseudonyms
from tests.canaries import CANARIES, GUID

ADA = "Ada"
MAIL = "ada" + "@" + "lovelace.org"
OTHER_MAIL = "grace" + "@" + "hopper.org"
ADDRESS, OTHER_ADDRESS = "52.174" + ".3.9", "52.174" + ".3.10"
ADDRESS_6 = "2a01:111:" + "f100:2002::8975:2c2e"
HARDWARE = "A1-B2-C3-" + "D4-E5-F6"
STAND_IN = r"[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}"


@pytest.fixture(autouse=True)
def _a_computer_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitize, "names_of_this_computer", lambda: ("difference-engine",))


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms({"contoso42": "myregistry", "contoso": "mycompany", "Prod": "myResourceGroup", "": "nothing"})


def test_what_is_known_by_name_is_called_otherwise_the_longest_name_first(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text("contoso42 of CONTOSO in prod.") == "myregistry of mycompany in myResourceGroup."


def test_a_name_is_neither_the_end_of_another_nor_a_service_s_nor_a_beginning(pseudonyms: Pseudonyms) -> None:
    text = "mycontoso, Microsoft.Prod, production, a-prod"

    assert pseudonyms.text(text) == "mycontoso, Microsoft.Prod, production, a-myResourceGroup"


def test_a_name_with_signs_is_taken_by_the_letter() -> None:
    assert Pseudonyms({"a.b": "c"}).text("a.b axb") == "c axb"
    assert Pseudonyms({"a": "one", "a-corp": "two"}).text("a-corp a") == "two one"


def test_the_name_of_this_computer_is_hidden_unless_it_is_called_otherwise(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text("on Difference-Engine now") == "on computer now"
    assert Pseudonyms({"difference-engine": "mine"}).text("difference-engine") == "mine"


def test_without_any_names_no_text_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitize, "names_of_this_computer", lambda: ())

    assert Pseudonyms({}).text("nothing at all: a, b") == "nothing at all: a, b"


# -- by kind -----------------------------------------------------------------------------------------------------------


def test_people_and_addresses_are_numbered_as_they_are_met(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text(f"{MAIL}, {OTHER_MAIL}, {MAIL.upper()}") == (
        "person1@example.com, person2@example.com, person1@example.com"
    )
    assert pseudonyms.text(f"{ADDRESS} {OTHER_ADDRESS} {ADDRESS}") == "203.0.113.23 203.0.113.24 203.0.113.23"


def test_a_guest_is_a_person(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text("ada_lovelace.org" + "#EXT" + "# signs in") == "person1@example.com signs in"


def test_an_address_with_hyphens_keeps_them(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text(f"vm {ADDRESS.replace('.', '-')} up") == "vm 203-0-113-21 up"


def test_an_address_of_ipv6_gets_one_of_ipv6_and_its_number_in_hexadecimal_digits(pseudonyms: Pseudonyms) -> None:
    for number in range(1, 26):
        pseudonyms.text(f"person{number}" + "@" + "lovelace.org")

    assert pseudonyms.text(f"at {ADDRESS_6} now") == "at 2001:db8::1a now"


@pytest.mark.parametrize(
    ("number", "address"),
    [(1, "203.0.113.21"), (199, "203.0.113.219"), (200, "198.51.100.20"), (400, "192.0.2.20"), (600, "203.0.113.20")],
)
def test_addresses_go_through_the_three_ranges_for_documentation(
    pseudonyms: Pseudonyms, number: int, address: str
) -> None:
    for before in range(1, number):
        pseudonyms._number(f"another {before}")

    assert pseudonyms.text(f"at {ADDRESS} now") == f"at {address} now"


def test_hardware_gets_an_address_for_documentation(pseudonyms: Pseudonyms) -> None:
    for before in range(9):
        pseudonyms._number(f"another {before}")
    assert pseudonyms.text(f"mac {HARDWARE} up") == "mac 00-00-5E-00-53-0A up"

    for before in range(250):
        pseudonyms._number(f"one more {before}")
    assert pseudonyms.text(f"mac {HARDWARE[:-1]}7 up") == "mac 00-00-5E-00-53-05 up"


def test_a_tenant_s_domain_is_hidden(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text("in lovelace" + ".onmicrosoft" + ".com") == "in hidden.onmicrosoft.com"


def test_an_id_keeps_its_form_and_is_the_same_in_capitals_and_without_hyphens(pseudonyms: Pseudonyms) -> None:
    stand_in = pseudonyms.text(f"id {GUID}").removeprefix("id ")

    assert re.fullmatch(STAND_IN, stand_in)
    assert pseudonyms.text(f"id {GUID.upper()}") == f"id {stand_in}"
    assert pseudonyms.text(f"id {GUID.replace('-', '')} x") == f"id {stand_in.replace('-', '')} x"
    assert pseudonyms.text(f"id {GUID.replace('-', '_')} x") == f"id {stand_in.replace('-', '')} x"
    assert pseudonyms.text(f"id {stand_in}") == f"id {stand_in}"


def test_a_secret_of_any_other_kind_is_hidden(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text(f"key {CANARIES['client secret']} end") == "key hidden end"
    assert pseudonyms.text(CANARIES["account key"] + " end") == "AccountKey=hidden end"


def test_an_operation_s_name_gets_a_stand_in_of_its_own(pseudonyms: Pseudonyms) -> None:
    assert re.fullmatch(r"see encoded-[0-9a-f]{20} there", pseudonyms.text(f"see {CANARIES['encoded JSON']} there"))


def test_base64_that_holds_something_goes_as_a_whole(pseudonyms: Pseudonyms) -> None:
    held = base64.b64encode(f"it was {MAIL} who did it".encode()).decode()

    assert re.fullmatch(r"<encoded-[0-9a-f]{20}>", pseudonyms.text(f"<{held}>"))


def test_what_an_address_escapes_is_escaped_in_its_stand_in(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.text("?$filter=by%20" + MAIL.replace("@", "%40")) == "?$filter=by%20person1%40example.com"


def test_a_name_with_a_slash_is_escaped_in_an_address() -> None:
    escaped = Pseudonyms({"big corp": "a/b"}).text("?scope=big%20corp&n=1")

    assert escaped == "?scope=a%2Fb&n=1"


def test_things_of_others_get_names_that_hide_them_whatever_their_letters(pseudonyms: Pseudonyms) -> None:
    text = "/subscriptions/s/resourceGroups/{}/providers/Microsoft.Network/virtualNetworks/{}"

    found = pseudonyms.text(text.format("Payroll", "Salaries"))

    group, network = re.fullmatch(
        r"/subscriptions/s/resourceGroups/(.+)/providers/Microsoft.Network/virtualNetworks/(.+)", found
    ).groups()  # type: ignore[union-attr]
    assert re.fullmatch(r"other-[0-9a-f]{8}", group)
    assert re.fullmatch(r"other-[0-9a-f]{8}", network)
    assert group != network
    assert pseudonyms.text(text.format("PAYROLL", "salaries")) == found


def test_a_storage_account_gets_a_name_that_it_could_have(pseudonyms: Pseudonyms) -> None:
    assert re.fullmatch(
        r"https://acrlab[0-9a-f]{8}\.blob\.core\.windows\.net/x",
        pseudonyms.text("https://eusmanaged7" + ".blob.core.windows.net/x"),
    )


def test_an_id_is_said_otherwise_in_each_recording_even_of_broken_letters() -> None:
    broken = "\ud800 of no character"

    assert Pseudonyms({})._digest("a") != Pseudonyms({})._digest("a")
    one = Pseudonyms({})
    assert one._digest(broken) == one._digest(broken)
    assert re.fullmatch(r"[0-9a-f]{64}", one._digest("a"))
    assert one._digest("a") != one._digest("b")


# -- what lies in another ----------------------------------------------------------------------------------------------


def found(kind: str, start: int, end: int) -> Found:
    return Found(kind, start, end, "x" * (end - start))


@pytest.mark.parametrize(
    ("given", "apart"),
    [
        ([found("a", 4, 6), found("b", 0, 2)], [found("b", 0, 2), found("a", 4, 6)]),
        ([found("inner", 2, 4), found("outer", 1, 6)], [found("outer", 1, 6)]),
        ([found("long", 0, 6), found("short", 0, 3)], [found("long", 0, 6)]),
        ([found("a", 0, 3), found("b", 3, 5)], [found("a", 0, 3), found("b", 3, 5)]),
        ([found("a", 0, 3), found("b", 2, 5)], [Found("both", 0, 5, "")]),
        ([found("a", 0, 3), found("b", 2, 5), found("c", 4, 8)], [Found("both", 0, 8, "")]),
        ([found("a", 0, 3), found("b", 1, 3)], [found("a", 0, 3)]),
        ([found("id", 0, 3), found("known", 0, 3), found("parameter", 0, 3)], [found("parameter", 0, 3)]),
        ([found("id", 0, 3), found("known", 0, 3)], [found("known", 0, 3)]),
        ([found("empty", 2, 2), found("a", 4, 5)], [found("a", 4, 5)]),
    ],
)
def test_of_several_in_one_place_the_larger_counts_and_what_laps_over_is_one(
    given: list[Found], apart: list[Found]
) -> None:
    assert sanitize._apart(given) == apart


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        # keys that stay, and keys that do not
        ({"location": "westus", "unheardOf": "x"}, {"location": "westus"}),
        ({"LOCATION": "westus"}, {"LOCATION": "westus"}),
        ({"value": [1, None, True, 2.5, [MAIL]]}, {"value": [1, None, True, 2.5, ["person1@example.com"]]}),
        # what stands beside a name that says it is a secret
        ({"name": "adminPassword", "value": "abc"}, {"name": "adminPassword", "value": "hidden"}),
        ({"kind": "secret", "Value": "abc"}, {"kind": "secret", "Value": "hidden"}),
        ({"type": "key1", "value": "abc"}, {"type": "key1", "value": "hidden"}),
        ({"Name": "KEY", "value": "abc"}, {"Name": "KEY", "value": "hidden"}),
        ({"name": "monkey", "value": "abc"}, {"name": "monkey", "value": "abc"}),
        ({"name": "password", "value": 7, "location": "x"}, {"name": "password", "value": 7, "location": "x"}),
        ({"description": "a password", "value": "abc"}, {"description": "a password", "value": "abc"}),
        # tags
        ({"tags": {"acrlab": "contoso42"}}, {"tags": {"acrlab": "myregistry"}}),
        ({"tags": {"acrlab-run": "by-hand"}}, {"tags": {"acrlab-run": "by-hand"}}),
        ({"metadata": {"purpose": "private-link"}}, {"metadata": {"purpose": "private-link"}}),
        ({"tags": {"tag-0123abcd": "x"}}, {"tags": {"tag-0123abcd": "hidden"}}),
        ({"tags": ["v1", "v2"]}, {"tags": ["v1", "v2"]}),
        ({"metadata": "x"}, {}),
        # whose it is
        ({"displayName": ADA, "subscriptionId": "s"},
         {"displayName": "acrlab emulated subscription", "subscriptionId": "s"}),
        ({"displayName": ADA}, {"displayName": "hidden"}),
        ({"displayName": "", "keyData": None}, {"displayName": "", "keyData": None}),
        ({"createdBy": MAIL}, {"createdBy": "person1@example.com"}),
        ({"createdBy": "Ada Lovelace"}, {"createdBy": "hidden"}),
        ({"createdBy": ""}, {"createdBy": ""}),
        ({"createdBy": 7}, {}),
        ({"adminUsername": "azureuser"}, {"adminUsername": "azureuser"}),
        ({"adminUsername": "AzureUser"}, {"adminUsername": "AzureUser"}),
        ({"username": "ada"}, {"username": "hidden"}),
        ({"username": "contoso42"}, {"username": "hidden"}),
        # names of a service's own
        ({"internalDomainNameSuffix": "abc.bx.internal.cloudapp.net"},
         {"internalDomainNameSuffix": "hidden.internal.cloudapp.net"}),
        ({"internalDomainNameSuffix": "corp.lovelace"}, {"internalDomainNameSuffix": "hidden"}),
        ({"passwords": [{"name": "password2", "value": "abc", "creationTime": "x"}]},
         {"passwords": [{"name": "password2", "value": "hidden"}]}),
        ({"passwords": [{"name": "first", "value": "abc"}]}, {"passwords": [{"name": "first", "value": "hidden"}]}),
        ({"passwords": "abc"}, {}),
    ],
)  # fmt: skip
def test_of_an_answer_stays_what_is_listed(pseudonyms: Pseudonyms, given: Any, kept: Any) -> None:
    assert pseudonyms.json(given) == kept


def test_an_author_that_is_an_id_stays_as_its_stand_in(pseudonyms: Pseudonyms) -> None:
    assert re.fullmatch(STAND_IN, pseudonyms.json({"lastModifiedBy": GUID})["lastModifiedBy"])


def test_a_tag_of_one_s_own_gets_a_name_that_tells_nothing_and_stays_the_same(pseudonyms: Pseudonyms) -> None:
    (name, value), = pseudonyms.json({"tags": {"payroll": "x"}})["tags"].items()  # fmt: skip

    assert re.fullmatch(r"tag-[0-9a-f]{8}", name)
    assert value == "hidden"
    assert list(pseudonyms.json({"tags": {"payroll": "y"}})["tags"]) == [name]
    assert list(pseudonyms.json({"tags": {"salaries": "y"}})["tags"]) != [name]


def test_a_purpose_of_one_s_own_is_not_the_course_s(pseudonyms: Pseudonyms) -> None:
    assert "purpose" not in pseudonyms.json({"tags": {"purpose": "x"}})["tags"]


def test_a_thing_of_others_is_called_in_its_name_as_in_its_id(pseudonyms: Pseudonyms) -> None:
    id = "/subscriptions/s/resourceGroups/payroll/providers/Microsoft.Network/virtualNetworks/salaries"

    said = pseudonyms.json({"id": id, "name": "salaries"})

    assert said["name"] == said["id"].rpartition("/")[2]
    assert said["name"].startswith("other-")


def test_a_name_that_is_not_the_id_s_stays_its_own(pseudonyms: Pseudonyms) -> None:
    id = "/subscriptions/s/resourceGroups/payroll/providers/Microsoft.Network/virtualNetworks/salaries"

    assert pseudonyms.json({"id": id, "name": "aries"})["name"] == "aries"
    assert "name" not in pseudonyms.json({"id": id})
    assert pseudonyms.json({"id": f"{id}/", "name": ""})["name"] == ""


def test_json_in_a_string_is_read_as_json(pseudonyms: Pseudonyms) -> None:
    told = {"value": "  " + json.dumps({"location": "wéstus", "unheardOf": "x"})}

    assert pseudonyms.json(told) == {"value": '{"location": "wéstus"}'}
    assert pseudonyms.json({"value": '[{"unheardOf": 1}]'}) == {"value": "[{}]"}
    assert pseudonyms.json({"value": "\ufeff" + '{"unheardOf": 1}'}) == {"value": "{}"}


def test_json_in_a_string_that_may_stay_keeps_its_spelling(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.json({"value": '{"location":   "westus"}'}) == {"value": '{"location":   "westus"}'}


def test_what_only_begins_like_json_is_a_text(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.json({"value": "{contoso42"}) == {"value": "{myregistry"}
    assert pseudonyms.json({"value": "[" * 100_000}) == {"value": "[" * 100_000}


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_a_line_keeps_its_end(pseudonyms: Pseudonyms, end: str) -> None:
    assert pseudonyms.line(f'{{"location": "westus", "unheardOf": 1}}{end}') == f'{{"location": "westus"}}{end}'
    assert pseudonyms.line(f"contoso42{end}") == f"myregistry{end}"
    assert pseudonyms.line(f"contoso42X{end}") == f"contoso42X{end}"
    assert pseudonyms.line(f'{{"unheardOf": 1}} {end}') == f"{{}}{end}"
