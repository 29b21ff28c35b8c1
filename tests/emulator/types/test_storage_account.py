"""Storage accounts, as far as a VM names one: what they are, what opens them, and what they refuse to be."""

import base64
import json

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request
from acrlab.emulator.network.public_dns import look_up
from acrlab.recordings.sensitive import sightings

VERSION = "2025-06-01"
FIRST_VERSION = "2015-06-15"
ACCOUNTS = "Microsoft.Storage/storageAccounts"
# What `az storage account create` sends.
SENT = {
    "sku": {"name": "Standard_RAGRS"},
    "kind": "StorageV2",
    "location": "eastus",
    "properties": {"encryption": {"services": {"blob": {}}, "keySource": "Microsoft.Storage"}},
}


class Accounts:
    """Sends requests about storage to one emulated Azure."""

    def __init__(self):
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.subscription = f"/subscriptions/{self.world.setting('subscription')}"
        for group in ("g", "h"):
            self.ask("PUT", f"{self.subscription}/resourceGroups/{group}", {"location": "eastus"}, "2024-11-01")

    def ask(self, method, path, body=None, version=VERSION):
        raw = json.dumps(body).encode() if body is not None else b""
        origin = "https://management.azure.com"
        path, _, more = path.removeprefix(origin).partition("?")
        query = {"api-version": version} | dict(pair.split("=") for pair in more.split("&") if pair)
        return self.azure.manager.handle(Request(method, "", path, query, {}, raw, origin))

    def path(self, name="contoso", group="g"):
        return f"{self.subscription}/resourceGroups/{group}/providers/{ACCOUNTS}/{name}"

    def put(self, name="contoso", group="g", version=VERSION, **more):
        return self.ask("PUT", self.path(name, group), SENT | more, version)

    def make(self, name="contoso", **more):
        answer = self.put(name, **more)
        assert answer.status in (200, 202), answer.body
        self.world.advance_to(self.world.now + 20)
        return self.show(name)

    def show(self, name="contoso", version=VERSION):
        return self.ask("GET", self.path(name), version=version).body

    def free(self, name, type=ACCOUNTS):
        path = f"{self.subscription}/providers/Microsoft.Storage/checkNameAvailability"
        return self.ask("POST", path, {"name": name, "type": type})


@pytest.fixture
def accounts():
    accounts = Accounts()
    yield accounts
    accounts.azure.close()


def error(answer):
    return answer.status, answer.body["error"]["code"]


# -- making one --------------------------------------------------------------------------------------------------------


def test_a_new_account_is_followed_by_its_location_until_it_is_there(accounts):
    """As recorded in azure-cli's `test_storage_account_smb_oauth`."""
    started = accounts.put()

    where = started.headers["Location"]
    assert (started.status, started.raw, started.headers["Retry-After"]) == (202, b"", "17")
    assert "/providers/Microsoft.Storage/locations/eastus/asyncoperations/" in where
    assert where.endswith("?monitor=true&api-version=2025-06-01")
    assert "Azure-AsyncOperation" not in started.headers
    running = accounts.ask("GET", where)
    assert (running.status, running.raw, running.headers["Location"]) == (202, b"", where)
    assert accounts.show()["properties"]["provisioningState"] == "ResolvingDNS"

    accounts.world.advance_to(accounts.world.now + 17)

    done = accounts.ask("GET", where)
    assert (done.status, done.body) == (200, accounts.show())


def test_an_account_looks_as_recorded(accounts):
    made = accounts.make()

    properties = made.pop("properties")
    assert made == {
        "sku": {"name": "Standard_RAGRS", "tier": "Standard"},
        "kind": "StorageV2",
        "id": accounts.path(),
        "name": "contoso",
        "type": ACCOUNTS,
        "location": "eastus",
        "tags": {},
    }
    times = {properties.pop("creationTime"), *properties.pop("keyCreationTime").values()}
    times |= {service.pop("lastEnabledTime") for service in properties["encryption"]["services"].values()}
    assert len(times) == 1
    primary = {s: f"https://contoso.{s}.core.windows.net/" for s in ("dfs", "blob", "queue", "table", "file")}
    second = {s: f"https://contoso-secondary.{s}.core.windows.net/" for s in ("dfs", "blob", "queue", "table")}
    assert properties == {
        "allowCrossTenantDelegationSas": False,
        "allowCrossTenantReplication": False,
        "privateEndpointConnections": [],
        "minimumTlsVersion": "TLS1_0",
        "allowBlobPublicAccess": False,
        "networkAcls": {
            "ipv6Rules": [],
            "bypass": "AzureServices",
            "virtualNetworkRules": [],
            "ipRules": [],
            "defaultAction": "Allow",
        },
        "supportsHttpsTrafficOnly": True,
        "encryption": {
            "services": {name: {"keyType": "Account", "enabled": True} for name in ("file", "blob")},
            "keySource": "Microsoft.Storage",
        },
        "accessTier": "Hot",
        "provisioningState": "Succeeded",
        "primaryEndpoints": {**primary, "web": "https://contoso.z13.web.core.windows.net/"},
        "primaryLocation": "eastus",
        "statusOfPrimary": "available",
        "secondaryLocation": "westus",
        "statusOfSecondary": "available",
        "secondaryEndpoints": {**second, "web": "https://contoso-secondary.z13.web.core.windows.net/"},
    }


@pytest.mark.parametrize(
    ("sku", "second", "readable"),
    [
        ("Standard_LRS", None, False),
        ("Standard_ZRS", None, False),
        ("Standard_GRS", "westus", False),
        ("Standard_GZRS", "westus", False),
        ("Standard_RAGZRS", "westus", True),
    ],
)
def test_the_sku_says_where_the_copies_are(accounts, sku, second, readable):
    properties = accounts.make(sku={"name": sku})["properties"]

    assert properties.get("secondaryLocation") == second
    assert ("secondaryEndpoints" in properties) is readable


def test_an_account_of_the_first_kind_has_no_tiers_and_fewer_services(accounts):
    properties = accounts.make(kind="Storage")["properties"]

    assert "accessTier" not in properties
    assert set(properties["primaryEndpoints"]) == {"blob", "queue", "table", "file"}


def test_an_older_version_shows_less(accounts):
    accounts.make()

    properties = accounts.show(version="2016-01-01")["properties"]

    later = {"networkAcls", "supportsHttpsTrafficOnly", "minimumTlsVersion", "keyCreationTime", "allowBlobPublicAccess"}
    assert not later & set(properties)


def test_http_was_allowed_by_default_before_2019(accounts):
    accounts.make(version="2018-11-01")

    assert accounts.show()["properties"]["supportsHttpsTrafficOnly"] is False


def test_the_first_version_has_a_type_instead_of_sku_and_kind(accounts):
    body = {"location": "eastus", "properties": {"accountType": "Standard_LRS"}}
    assert accounts.ask("PUT", accounts.path(), body, FIRST_VERSION).status == 202
    accounts.world.advance_to(accounts.world.now + 20)

    old, new = accounts.show(version=FIRST_VERSION), accounts.show()

    assert old["properties"]["accountType"] == "Standard_LRS"
    assert not {"sku", "kind"} & set(old)
    assert (new["sku"]["name"], new["kind"]) == ("Standard_LRS", "Storage")
    assert "accountType" not in new["properties"]


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (VERSION, {"location": "eastus", "properties": {"accountType": "Standard_LRS"}}),
        (FIRST_VERSION, SENT),
        (VERSION, {"location": "eastus", "kind": "StorageV2"}),
        (VERSION, {"location": "eastus", "sku": {"name": "Standard_LRS"}}),
    ],
)
def test_what_is_not_of_its_version_or_not_whole_is_not_emulated(accounts, version, body):
    assert error(accounts.ask("PUT", accounts.path(), body, version)) == (501, "NotEmulated")


# -- changing, listing and deleting it ---------------------------------------------------------------------------------


def test_what_is_there_is_changed_at_once(accounts):
    made = accounts.make()
    put = accounts.put(sku={"name": "Standard_LRS"}, tags={"a": "b"})
    patch = accounts.ask("PATCH", accounts.path(), {"properties": {"accessTier": "Cool"}})

    assert (put.status, put.body["sku"]["name"], put.body["tags"]) == (200, "Standard_LRS", {"a": "b"})
    assert (patch.status, patch.body["properties"]["accessTier"]) == (200, "Cool")
    assert patch.body == accounts.show()
    for name in ("creationTime", "keyCreationTime", "encryption"):
        assert patch.body["properties"][name] == made["properties"][name]


def test_what_az_sends_to_update_an_account_is_taken(accounts):
    """As recorded in azure-cli's `test_storage_account_upgrade_to_storagev2`."""
    accounts.make(kind="Storage")
    service = {"enabled": True, "keyType": "Account"}
    rules = {"bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "ipv6Rules": []}
    change = {
        "sku": {"name": "Standard_RAGRS"},
        "tags": {},
        "kind": "StorageV2",
        "properties": {
            "encryption": {"services": {"blob": service, "file": service}, "keySource": "Microsoft.Storage"},
            "accessTier": "Cool",
            "supportsHttpsTrafficOnly": True,
            "networkAcls": {**rules, "defaultAction": "Deny"},
        },
    }

    answer = accounts.ask("PATCH", accounts.path(), change)

    assert (answer.status, answer.body["kind"], answer.body["properties"]["accessTier"]) == (200, "StorageV2", "Cool")
    assert answer.body["properties"]["networkAcls"]["defaultAction"] == "Deny"
    assert "dfs" in answer.body["properties"]["primaryEndpoints"]


def test_a_read_account_may_be_sent_back(accounts):
    made = accounts.make()

    assert accounts.ask("PUT", accounts.path(), made).body == made


def test_accounts_are_listed_in_their_group_and_their_subscription(accounts):
    one = accounts.make()
    accounts.make("fabrikam", group="h")

    def listed(scope):
        return [a["name"] for a in accounts.ask("GET", f"{scope}/providers/{ACCOUNTS}").body["value"]]

    assert listed(accounts.subscription) == ["contoso", "fabrikam"]
    assert listed(f"{accounts.subscription}/resourceGroups/g") == ["contoso"]
    (only,) = accounts.ask("GET", f"{accounts.subscription}/resourceGroups/g/providers/{ACCOUNTS}").body["value"]
    assert only == one


def test_an_account_is_deleted_at_once(accounts):
    accounts.make()

    answers = [accounts.ask("DELETE", accounts.path()) for _ in range(2)]

    assert [(a.status, a.raw) for a in answers] == [(200, b""), (204, b"")]
    assert accounts.ask("GET", accounts.path()).status == 404


@pytest.mark.parametrize("tail", ["blobServices/default", "managementPolicies/default", "privateEndpointConnections/c"])
def test_what_an_account_holds_is_not_emulated(accounts, tail):
    accounts.make()

    assert error(accounts.ask("GET", f"{accounts.path()}/{tail}")) == (501, "NotEmulated")


@pytest.mark.parametrize(
    "properties",
    [
        {"networkAcls": {"ipRules": [{"value": "203.0.113.1"}]}},
        {"encryption": {"keySource": "Microsoft.Keyvault"}},
        {"isHnsEnabled": True},
        {"keyPolicy": {"keyExpirationPeriodInDays": 1}},
    ],
)
def test_what_would_do_something_is_not_emulated(accounts, properties):
    assert error(accounts.put(properties=properties)) == (501, "NotEmulated")


def test_an_account_in_the_making_takes_nothing(accounts):
    accounts.put()

    assert error(accounts.put()) == (409, "StorageAccountOperationInProgress")
    assert error(accounts.ask("POST", f"{accounts.path()}/listKeys")) == (409, "StorageAccountIsNotProvisioned")
    assert error(accounts.ask("DELETE", accounts.path())) == (409, "StorageAccountIsNotProvisioned")


def test_an_account_that_could_not_be_made_can_be_written_and_deleted(accounts):
    for method in ("PUT", "DELETE"):
        accounts.make()
        accounts.world.settle(accounts.world.get(ArmId.parse(accounts.path())), "Failed")

        assert accounts.ask(method, accounts.path(), SENT).status == 200


# -- names -------------------------------------------------------------------------------------------------------------

NO_NAME = (
    "{} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and "
    "use numbers and lower-case letters only."
)


@pytest.mark.parametrize("name", ["ab", "Contoso", "con-toso", "a" * 25])
def test_a_name_has_a_form(accounts, name):
    made, asked = accounts.put(name), accounts.free(name)

    assert (error(made), made.body["error"]["message"]) == ((400, "AccountNameInvalid"), NO_NAME.format(name))
    assert asked.body == {"nameAvailable": False, "reason": "AccountNameInvalid", "message": NO_NAME.format(name)}


def test_a_name_is_had_once_in_the_world(accounts):
    assert accounts.free("contoso").body == {"nameAvailable": True}
    accounts.make()

    here, elsewhere = accounts.put(group="h"), accounts.put(group="h", location="westus")

    taken = "The storage account named contoso is already taken."
    assert accounts.free("contoso").body == {"nameAvailable": False, "reason": "AlreadyExists", "message": taken}
    assert error(here) == (409, "StorageAccountInAnotherResourceGroup")
    assert here.body["error"]["message"] == (
        "The account contoso is already in another resource group in this subscription."
    )
    assert (error(elsewhere), elsewhere.body["error"]["message"]) == ((409, "StorageAccountAlreadyTaken"), taken)
    assert error(accounts.put(location="westus")) == (409, "InvalidResourceLocation")


def test_names_of_microsofts_own_accounts_are_taken(accounts):
    registry = {"location": "eastus", "sku": {"name": "Basic"}}
    path = accounts.path("r").replace(ACCOUNTS, "Microsoft.ContainerRegistry/registries") + "egistry"
    accounts.ask("PUT", path, registry, "2023-07-01")
    (made,) = accounts.world.of_type("Microsoft.ContainerRegistry/registries")
    behind = f"acrlab{accounts.world.guid(made, 'storage account')[:8]}"

    for name in ("azcliprod", behind):
        assert error(accounts.put(name)) == (409, "StorageAccountAlreadyTaken")
        assert accounts.free(name).body["nameAvailable"] is False


def test_names_of_other_things_are_not_looked_up(accounts):
    assert error(accounts.free("contoso", "Microsoft.Web/sites")) == (501, "NotEmulated")


def test_no_name_server_knows_the_hosts_of_an_account(accounts):
    accounts.make()

    assert look_up(accounts.world, "contoso.blob.core.windows.net") is None


# -- what it refuses to be ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({"sku": {"name": "Standard_Bogus"}}, "sku"),
        ({"kind": "Bogus"}, "kind"),
        ({"kind": "Storage", "sku": {"name": "Standard_ZRS"}}, "kind, sku"),
        ({"properties": {"accessTier": "Lukewarm"}}, "accessTier"),
        ({"properties": {"networkAcls": {"defaultAction": "Perhaps"}}}, "networkAcls.defaultAction"),
    ],
)
def test_values_that_there_are_not_are_named(accounts, more, names):
    answer = accounts.put(**more)

    assert error(answer) == (400, "InvalidValuesForRequestParameters")
    assert answer.body["error"]["message"] == f"Values for request parameters are invalid: {names}."


@pytest.mark.parametrize(
    "more",
    [
        {"sku": {"name": "Premium_LRS"}},
        {"kind": "BlobStorage"},
        {"kind": "Storage", "properties": {"accessTier": "Hot"}},
        {"location": "westus", "sku": {"name": "Standard_ZRS"}},
        {"location": "mexicocentral", "sku": {"name": "Standard_GRS"}},
    ],
)
def test_what_azure_may_take_or_refuse_is_not_emulated(accounts, more):
    assert error(accounts.put(**more)) == (501, "NotEmulated")


@pytest.mark.parametrize("more", [{"sku": {"name": "Standard_ZRS"}}, {"kind": "Storage"}])
def test_an_account_is_not_turned_into_another(accounts, more):
    accounts.make()

    assert error(accounts.ask("PATCH", accounts.path(), more)) == (501, "NotEmulated")


# -- keys --------------------------------------------------------------------------------------------------------------


def keys(answer):
    assert answer.status == 200, answer.body
    return {key["keyName"]: key for key in answer.body["keys"]}


def test_an_account_has_two_keys_of_the_world_s_own(accounts):
    made = accounts.make()
    others = Accounts()
    others.make()

    found = keys(accounts.ask("POST", f"{accounts.path()}/listKeys?$expand=kerb"))

    assert {n: k["creationTime"] for n, k in found.items()} == made["properties"]["keyCreationTime"]
    assert {k["permissions"] for k in found.values()} == {"FULL"}
    values = {k["value"] for k in found.values()}
    assert {len(base64.b64decode(value)) for value in values} == {64}
    there = keys(others.ask("POST", f"{others.path()}/listKeys"))
    assert len(values | {k["value"] for k in there.values()}) == 4
    others.azure.close()


def test_a_key_is_renewed_and_the_other_stays(accounts):
    accounts.make()
    before = keys(accounts.ask("POST", f"{accounts.path()}/listKeys"))
    accounts.world.advance_to(accounts.world.now + 60)

    after = keys(accounts.ask("POST", f"{accounts.path()}/regenerateKey", {"keyName": "key1"}))

    assert after["key1"]["value"] != before["key1"]["value"]
    assert after["key1"]["creationTime"] > before["key1"]["creationTime"]
    assert after["key2"] == before["key2"]
    assert keys(accounts.ask("POST", f"{accounts.path()}/listKeys")) == after
    assert accounts.show()["properties"]["keyCreationTime"]["key1"] == after["key1"]["creationTime"]


@pytest.mark.parametrize(
    ("name", "refused"),
    [("key3", (400, "InvalidValuesForRequestParameters")), ("kerb1", (501, "NotEmulated"))],
)
def test_no_other_key_is_renewed(accounts, name, refused):
    accounts.make()

    assert error(accounts.ask("POST", f"{accounts.path()}/regenerateKey", {"keyName": name})) == refused


def test_older_versions_list_keys_in_their_shape(accounts):
    accounts.make()

    oldest = accounts.ask("POST", f"{accounts.path()}/listKeys", version=FIRST_VERSION).body
    old = keys(accounts.ask("POST", f"{accounts.path()}/listKeys", version="2019-06-01"))

    assert oldest == {name: key["value"] for name, key in old.items()}
    assert set(old["key1"]) == {"keyName", "value", "permissions"}


def test_a_recording_of_keys_would_be_found(accounts):
    accounts.make()

    answer = accounts.ask("POST", f"{accounts.path()}/listKeys")

    assert len(list(sightings(answer.raw.decode()))) >= 2


# -- the provider ------------------------------------------------------------------------------------------------------


def test_the_provider_lists_its_accounts(accounts):
    path = f"{accounts.subscription}/providers/Microsoft.Storage"

    found = accounts.ask("GET", path, version="2024-11-01").body

    (kind,) = found["resourceTypes"]
    assert (found["registrationState"], kind["resourceType"]) == ("Registered", "storageAccounts")
    assert (kind["apiVersions"][0], kind["apiVersions"][-1]) == (VERSION, FIRST_VERSION)


def test_accounts_are_counted_where_they_are(accounts):
    accounts.make()

    def usages(region):
        path = f"{accounts.subscription}/providers/Microsoft.Storage/locations/{region}/usages"
        return accounts.ask("GET", path).body["value"]

    name = {"value": "StorageAccounts", "localizedValue": "Storage Accounts"}
    assert usages("eastus") == [{"unit": "Count", "currentValue": 1, "limit": 250, "name": name}]
    assert usages("westus")[0]["currentValue"] == 0


def test_answers_are_the_storage_service_s(accounts):
    accounts.make()

    server = accounts.ask("GET", accounts.path()).headers["Server"]
    assert server.startswith("Microsoft-Azure-Storage-Resource-Provider/")


def test_a_website_s_host_tells_the_part_of_the_region(accounts):
    """As recorded by Azure/azure-service-operator."""
    accounts.make(location="westus2")

    assert accounts.show()["properties"]["primaryEndpoints"]["web"] == "https://contoso.z5.web.core.windows.net/"
