import pytest

from acrlab.errors import ConfigurationError
from acrlab.settings import Settings


def problem(**parameters):
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_parameters(**parameters)
    return caught.value.field, str(caught.value)


def test_the_defaults_are_the_article_s_names():
    settings = Settings.from_parameters()

    assert (settings.resource_group, settings.location, settings.vm_name) == (
        "myResourceGroup",
        "westus",
        "myDockerVM",
    )
    assert (settings.network_name, settings.subnet_name) == ("myDockerVMVNET", "myDockerVMSubnet")
    assert (settings.endpoint_name, settings.link_name) == ("myPrivateEndpoint", "MyDNSLink")


def test_network_and_subnet_follow_the_vm_s_name():
    settings = Settings.from_parameters(vm_name="other")

    assert (settings.network_name, settings.subnet_name) == ("otherVNET", "otherSubnet")


def test_an_empty_registry_name_is_chosen_the_same_way_every_time_and_per_owner():
    first, again = Settings.from_parameters(), Settings.from_parameters(registry_name="")
    other = Settings.from_parameters(resource_group="another")

    assert first.registry_name == again.registry_name != other.registry_name
    assert first.registry_name.startswith("myregistry")
    assert first.login_server == f"{first.registry_name}.azurecr.io"


def test_a_region_may_be_given_by_its_display_name():
    assert Settings.from_parameters(location="West Europe").location == "westeurope"


@pytest.mark.parametrize(
    ("parameters", "field", "words"),
    [
        ({"registry_name": "has-dash"}, "registry_name", "5 to 50 letters and digits"),
        ({"registry_name": "abcd"}, "registry_name", "5 to 50 letters and digits"),
        ({"registry_name": "contoso42\n"}, "registry_name", "has some that can't be printed"),
        ({"location": "mars"}, "location", "there is no Azure region mars"),
        ({"location": "westeurop"}, "location", "did you mean westeurope?"),
        ({"registry_sku": "Basic"}, "registry_sku", "a Basic registry cannot have private endpoints"),
        ({"registry_sku": "Standard"}, "registry_sku", "Set it to Premium"),
        ({"subnet_prefix": "10.0.0.5/24"}, "subnet_prefix", "Write it like 10.0.0.0/24"),
        ({"network_prefix": "tenth"}, "network_prefix", "is not a range"),
        ({"subnet_prefix": "10.9.0.0/24"}, "subnet_prefix", "is not part of network_prefix 10.0.0.0/16"),
        (
            {"subnet_prefix": "10.0.0.0/29"},
            "subnet_prefix",
            "10.0.0.0/29 has 8 addresses, of which Azure keeps 5; the lab needs 5. Choose /28 or larger.",
        ),
        ({"zone_name": "private.example"}, "zone_name", "would never be asked"),
        ({"vm_image": "Windows95"}, "vm_image", "publisher:offer:sku:version"),
        ({"backend": "aws"}, "backend", "`emulator` (here, free), `azure`"),
        ({"locaton": "westus"}, "locaton", "there is no such setting; did you mean location?"),
        ({"location": 7}, "location", "Azure region"),
        ({"resource_group": ""}, "resource_group", "at most 90, no dot at the end"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy_in_one_line(parameters, field, words):
    named, text = problem(**parameters)

    assert named == field
    assert words in text
    assert "\n" not in text


def test_a_real_azure_needs_a_subscription(monkeypatch):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    assert problem(backend="azure")[0] == "subscription"

    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "11111111-2222-4333-8444-555555555555")
    assert Settings.from_parameters(backend="azure").subscription == "11111111-2222-4333-8444-555555555555"


def test_names_hold_everything_that_a_command_needs_and_no_subscription():
    names = Settings.from_parameters(subscription="11111111-2222-4333-8444-555555555555").names()

    assert names["login_server"].endswith(".azurecr.io")
    assert "subscription" not in names


def test_a_registry_s_name_is_written_as_the_azure_cli_takes_it():
    settings = Settings.from_parameters(registry_name="MyRegistry42")

    assert (settings.registry_name, settings.login_server) == ("myregistry42", "myregistry42.azurecr.io")
