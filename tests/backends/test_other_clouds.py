"""A region tells its cloud: where Resource Manager is, whom tokens are for, how registries and the zone are called."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import acrlab
from acrlab.azure.cloud import CHINA, CLOUDS, GOVERNMENT, PUBLIC, label_of
from acrlab.azure.dns_answer import Answer
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.settings import Settings

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
AZURE = {"backend": "azure", "subscription": SUBSCRIPTION, "registry_name": "contoso42"}
# region -> what that cloud has
EXPECTED = {
    "westus": {
        "name": "AzureCloud",
        "sign_in": "login.microsoftonline.com",
        "management": "https://management.azure.com",
        "scope": "https://management.azure.com/.default",
        "audience": "https://containerregistry.azure.net/.default",
        "server": "contoso42.azurecr.io",
        "zone": "privatelink.azurecr.io",
    },
    "usgovvirginia": {
        "name": "AzureUSGovernment",
        "sign_in": "login.microsoftonline.us",
        "management": "https://management.usgovcloudapi.net",
        "scope": "https://management.core.usgovcloudapi.net/.default",
        "audience": "https://management.usgovcloudapi.net/.default",
        "server": "contoso42.azurecr.us",
        "zone": "privatelink.azurecr.us",
    },
    "chinanorth3": {
        "name": "AzureChinaCloud",
        "sign_in": "login.chinacloudapi.cn",
        "management": "https://management.chinacloudapi.cn",
        "scope": "https://management.chinacloudapi.cn/.default",
        "audience": "https://management.chinacloudapi.cn/.default",
        "server": "contoso42.azurecr.cn",
        "zone": "privatelink.azurecr.cn",
    },
}
OTHERS = [region for region in EXPECTED if region != "westus"]


@pytest.fixture(autouse=True)
def no_credential(monkeypatch, tmp_path):
    for name in ("AZURE_AUTHORITY_HOST", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))


class Heard(Exception):
    """A request came as far as the wire."""


class Wire:
    """A backend whose every request is heard and not answered, and whose tokens tell what was asked for."""

    subscription = SUBSCRIPTION
    memory = SimpleNamespace(read=lambda name: None)

    def __init__(self):
        self.asked, self.scopes = [], []
        self.credential = self

    def get_token(self, *scopes, **_):
        self.scopes += scopes
        return SimpleNamespace(token="t", expires_on=4102444800)

    def get_token_info(self, *scopes, **_):
        return self.get_token(*scopes)

    def options(self):
        return {"transport": self, "retry_total": 0}

    def send(self, request, **_):
        self.asked.append(request.url)
        raise Heard(request.url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def open(self):
        return None

    def close(self):
        return None

    def resolve(self, name):
        return Answer(name, (), "NXDOMAIN")


def of_region(location):
    wire = Wire()
    return Lab(Settings.from_parameters(**AZURE, location=location), wire), wire


@pytest.mark.parametrize("location", EXPECTED)
def test_settings_take_their_names_from_the_region_s_cloud(location):
    settings, expected = Settings.from_parameters(**AZURE, location=location), EXPECTED[location]

    assert settings.cloud.name == expected["name"]
    assert settings.login_server == expected["server"]
    assert settings.zone_name == expected["zone"]
    label, _, suffix = expected["server"].partition(".")
    names = acrlab.tables.endpoint_names(settings)
    assert names[f"registry_data_{location}"] == f"{label}.{location}.data.{suffix}"
    assert [label_of(name) for name in names.values()] == [f"{label}.{location}.data", label]


@pytest.mark.parametrize("client", ["resources", "network", "dns", "registry", "compute"])
@pytest.mark.parametrize("location", EXPECTED)
def test_each_client_asks_that_cloud_s_resource_manager(location, client):
    lab, wire = of_region(location)
    ask = {
        "resources": lambda: lab.resources.resource_groups.get("g"),
        "network": lambda: lab.network.virtual_networks.get("g", "v"),
        "dns": lambda: lab.dns.private_zones.get("g", "z"),
        "registry": lambda: lab.registry.registries.get("g", "contoso42"),
        "compute": lambda: lab.compute.virtual_machines.get("g", "m"),
    }[client]

    with pytest.raises(Heard):
        ask()

    (url,) = wire.asked
    assert url.startswith(f"{EXPECTED[location]['management']}/subscriptions/")
    assert set(wire.scopes) == {EXPECTED[location]["scope"]}


@pytest.mark.parametrize("location", EXPECTED)
def test_requests_by_path_and_to_the_registry_go_there_too(location, monkeypatch):
    lab, wire = of_region(location)
    monkeypatch.setattr(type(lab), "login_server", property(lambda lab: lab.settings.login_server))

    with pytest.raises(Heard):
        lab.arm.get("/subscriptions/s", "2022-12-01")
    with pytest.raises(Heard):
        list(lab.content.list_repository_names())

    by_path, of_registry = wire.asked
    assert by_path.startswith(f"{EXPECTED[location]['management']}/subscriptions/s?")
    assert of_registry.startswith(f"https://{EXPECTED[location]['server']}/")
    assert lab.content._client._config.credential_scopes == [EXPECTED[location]["audience"]]


def test_every_cloud_has_a_zone_and_regions_of_its_own():
    assert {cloud.zone for cloud in CLOUDS} == {expected["zone"] for expected in EXPECTED.values()}
    assert {cloud.sign_in for cloud in CLOUDS} == {expected["sign_in"] for expected in EXPECTED.values()}
    assert not {*PUBLIC.regions} & {*GOVERNMENT.regions, *CHINA.regions}


def test_the_sign_in_hosts_are_the_sdk_s_own():
    from azure.identity import AzureAuthorityHosts as Hosts

    assert [cloud.sign_in for cloud in CLOUDS] == [Hosts.AZURE_PUBLIC_CLOUD, Hosts.AZURE_GOVERNMENT, Hosts.AZURE_CHINA]


def refusal(**parameters):
    with pytest.raises(ConfigurationError) as told:
        acrlab.connect(**parameters)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("location", OTHERS)
def test_the_emulated_azure_is_the_public_cloud_s(location):
    assert refusal(location=location) == (
        f"location: {location} is a region of {EXPECTED[location]['name']}, and the emulated Azure is AzureCloud. "
        "Choose one of its regions."
    )


@pytest.mark.parametrize("location", OTHERS)
def test_the_zone_of_another_cloud_would_never_be_asked(location):
    zone = EXPECTED[location]["zone"]

    assert refusal(zone_name=zone) == (
        f"zone_name: {zone} would never be asked in westus. Leave it at privatelink.azurecr.io."
    )


@pytest.mark.parametrize("form", ["{}", "https://{}", "https://{}/", "HTTPS://{}:443/"])
@pytest.mark.parametrize("location", OTHERS)
def test_no_one_signs_in_to_another_cloud_than_the_region_s(monkeypatch, location, form):
    expected = EXPECTED[location]
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", form.format(expected["sign_in"]))

    assert refusal(**AZURE) == (
        f"location: AZURE_AUTHORITY_HOST names {expected['sign_in']}, of {expected['name']}, and westus is a region of "
        "AzureCloud. Unset the variable, or choose a region of that cloud."
    )
    assert "found no credential" in refusal(**AZURE, location=location)


@pytest.mark.parametrize("location", OTHERS)
def test_where_no_credential_is_found_the_cli_s_other_cloud_is_told(tmp_path, location):
    name = EXPECTED[location]["name"]
    (tmp_path / "config").write_text(f"[cloud]\nname = {name}\n")

    assert f"The Azure CLI is set to {name}: az cloud set --name AzureCloud." in refusal(**AZURE)
    assert "set to" not in refusal(**AZURE, location=location)


@pytest.mark.parametrize("kept", ["[cloud]\nname = AzureCloud\n", "[cloud]\n", "name", "\0", ""])
def test_the_public_cloud_and_what_can_t_be_read_are_passed_over(tmp_path, kept):
    (tmp_path / "config").write_text(kept)

    told = refusal(**AZURE)

    assert "found no credential" in told
    assert "set to" not in told
