"""Connecting: one door, whatever stands behind it."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import acrlab
from acrlab.errors import ConfigurationError
from acrlab.lab.arm import Counting
from acrlab.lab.lab import Lab
from acrlab.steps.prerequisites import provider

SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"


def test_connecting_sends_no_request(lab, world):
    assert (world.now, world.count()) == (0, 0)


def test_every_client_talks_to_the_same_azure(lab):
    lab.resources.resource_groups.create_or_update("g", {"location": "westus"})

    assert list(lab.network.virtual_networks.list("g")) == []
    assert list(lab.dns.private_zones.list_by_resource_group("g")) == []
    assert list(lab.registry.registries.list_by_resource_group("g")) == []
    assert list(lab.compute.virtual_machines.list("g")) == []


def in_threads(work):
    """Do a work in eight threads at once, and give what they return."""
    together = Barrier(8)

    def begun(_):
        together.wait()
        return work()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(begun, range(8)))


def test_threads_that_ask_for_a_client_at_once_get_the_same(lab, monkeypatch):
    made, options = [], lab.backend.options

    def slowly():
        made.append("a client")
        for _ in range(100):
            time.sleep(0)  # let the others come
        return options()

    monkeypatch.setattr(lab.backend, "options", slowly)

    assert len(set(in_threads(lambda: lab.resources))) == 1
    assert made == ["a client"]
    assert lab.content is lab.content
    assert made == ["a client"] * 3, "that of the registry, which tells where its content is, and that of the content"


def test_a_client_of_a_registry_that_is_forgotten_is_made_anew(lab):
    first = lab.content
    assert lab.content is first

    del lab.content
    second = lab.content

    assert second is not first
    assert lab.content is second


def test_forgetting_a_client_that_was_never_made_makes_none(lab):
    del lab.content

    assert lab._clients == {}


def test_a_provider_is_asked_for_once_however_many_threads_want_it(lab, sent):
    found = in_threads(lambda: provider(lab, "Microsoft.Network"))

    assert len({id(one) for one in found}) == 1
    assert len(sent) == 1


def test_every_request_by_path_counts_whichever_thread_sends_it(lab):
    path = f"/subscriptions/{lab.subscription}"

    in_threads(lambda: [lab.arm.get(path, "2022-12-01") for _ in range(20)])

    assert lab.arm.sent == 160


def test_two_labs_on_one_world_see_each_other(lab):
    other = acrlab.connect(registry_name="contoso42")
    lab.resources.resource_groups.create_or_update("g", {"location": "westus"})

    assert [g.name for g in other.resources.resource_groups.list()] == ["g"]
    other.close()


def test_ids_are_written_for_the_lab_s_group_or_another(lab):
    root = f"/subscriptions/{lab.subscription}/resourceGroups"

    assert lab.id_of("Microsoft.Network/virtualNetworks", "v") == (
        f"{root}/myResourceGroup/providers/Microsoft.Network/virtualNetworks/v"
    )
    assert lab.id_of("Microsoft.Network/virtualNetworks", "v", group="g").startswith(f"{root}/g/")


def test_a_path_that_no_client_knows_can_be_read(lab):
    found = lab.arm.get(f"/subscriptions/{lab.subscription}", "2022-12-01")

    assert found["displayName"] == "acrlab emulated subscription"


def test_a_real_azure_without_a_credential_is_refused_in_one_line(monkeypatch):
    import azure.identity

    class Nobody:
        def __init__(self, **_):
            pass

        credentials = (azure.identity.EnvironmentCredential(), azure.identity.AzureCliCredential())

        def get_token(self, *scopes):
            raise azure.identity.CredentialUnavailableError("nobody is signed in")

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", Nobody)

    with pytest.raises(ConfigurationError) as caught:
        acrlab.connect(backend="azure", subscription=SUBSCRIPTION)

    assert str(caught.value) == (
        "backend: backend azure found no credential on this computer. Sign in first: az login. "
        "Tried: EnvironmentCredential, AzureCliCredential."
    )


def test_a_real_azure_gets_clients_for_the_given_subscription(monkeypatch):
    import azure.identity

    class Somebody:
        def __init__(self, **_):
            pass

        def get_token(self, *scopes):
            return None

        def close(self):
            self.closed = True

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", Somebody)

    lab = acrlab.connect(backend="azure", subscription=SUBSCRIPTION)

    assert lab.subscription == SUBSCRIPTION
    assert lab.id_of("Microsoft.Network/virtualNetworks", "v").startswith(f"/subscriptions/{SUBSCRIPTION}/")
    lab.close()


def test_a_real_azures_connections_are_closed_with_the_lab(monkeypatch):
    """Each client has sockets of its own there, and so have those that were replaced by newer ones."""
    import azure.identity
    from azure.core.pipeline.transport import RequestsTransport

    class Somebody:
        def __init__(self, **_):
            pass

        def get_token(self, *scopes):
            return None

        def close(self):
            pass

    closed = []
    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", Somebody)
    monkeypatch.setattr(Lab, "login_server", "contoso42.azurecr.io")  # which would be read
    monkeypatch.setattr(RequestsTransport, "close", lambda transport: closed.append(id(transport)))
    lab = acrlab.connect(backend="azure", subscription=SUBSCRIPTION, registry_name="contoso42")
    clients = [lab.resources, lab.network, lab.dns, lab.registry, lab.compute, lab.content, lab.arm]
    del lab.content
    clients.append(lab.content)

    lab.close()

    assert len(set(closed)) == len(clients)


def test_requests_of_many_threads_are_all_counted():
    counting = Counting()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=lambda: [counting.on_request(None) for _ in range(5_000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert counting.sent == 40_000
