"""Another cloud than the public one is refused by its name, before anything is asked of it."""

import pytest

import acrlab
from acrlab.azure.cloud import PUBLIC_ALONE
from acrlab.errors import ConfigurationError

AZURE = {"backend": "azure", "subscription": "00000000-0000-4000-8000-000000000001"}
HOSTS = {"AzureUSGovernment": "login.microsoftonline.us", "AzureChinaCloud": "login.chinacloudapi.cn"}


@pytest.fixture(autouse=True)
def no_credential(monkeypatch, tmp_path):
    for name in ("AZURE_AUTHORITY_HOST", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))


def refusal(**parameters):
    with pytest.raises(ConfigurationError) as told:
        acrlab.connect(**parameters)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("location", "cloud"),
    [
        ("usgovvirginia", "AzureUSGovernment"),
        ("US Gov Arizona", "AzureUSGovernment"),
        ("China North 3", "AzureChinaCloud"),
    ],
)
@pytest.mark.parametrize("backend", ["azure", "emulator"])
def test_a_region_of_another_cloud_is_named_as_that(location, cloud, backend):
    told = refusal(**AZURE | {"backend": backend}, location=location)

    assert told.startswith(f"location: {location.replace(' ', '').lower()} is a region of {cloud}. {PUBLIC_ALONE}")


@pytest.mark.parametrize(
    ("zone", "cloud"),
    [("privatelink.azurecr.us", "AzureUSGovernment"), ("privatelink.azurecr.cn", "AzureChinaCloud")],
)
def test_so_is_the_zone_of_its_registries(zone, cloud):
    assert refusal(zone_name=zone).startswith(f"zone_name: {zone} is {cloud}'s. {PUBLIC_ALONE}")


@pytest.mark.parametrize("form", ["{}", "https://{}", "https://{}/", "HTTPS://{}:443/"])
@pytest.mark.parametrize("cloud", HOSTS)
def test_nobody_signs_in_there(monkeypatch, cloud, form):
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", form.format(HOSTS[cloud]))

    told = refusal(**AZURE)

    assert told.startswith(f"backend: AZURE_AUTHORITY_HOST names {HOSTS[cloud]}, of {cloud}. {PUBLIC_ALONE}")


@pytest.mark.parametrize("cloud", HOSTS)
def test_where_no_credential_is_found_the_cli_s_other_cloud_is_told(tmp_path, cloud):
    (tmp_path / "config").write_text(f"[cloud]\nname = {cloud}\n")

    assert f"The Azure CLI is set to {cloud}: az cloud set --name AzureCloud. {PUBLIC_ALONE}" in refusal(**AZURE)


@pytest.mark.parametrize("kept", ["[cloud]\nname = AzureCloud\n", "[cloud]\n", "name", "\0", ""])
def test_the_public_cloud_and_what_can_t_be_read_are_passed_over(tmp_path, kept):
    (tmp_path / "config").write_text(kept)

    told = refusal(**AZURE)

    assert "found no credential" in told
    assert "set to" not in told
