"""A pod pulls privately; and each state in which it cannot gives the kubelet's own words."""

import json

from acrlab.emulator.core.http import Request
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.types.network.subnet import POOL_TYPE as POOL
from tests.emulator.conftest import ACR_PULL

HOST = "contoso.azurecr.io"
HELLO = "contoso.azurecr.io/hello-world:v1"
RUN = f"kubectl run hello --image={HELLO} --restart=Never"
FRAME = f'failed to pull and unpack image "{HELLO}": failed to resolve reference "{HELLO}": '
MANIFEST = "https://contoso.azurecr.io/v2/hello-world/manifests/v1"


def failure(cluster, seconds=5):
    """Run the pod, and return what the first failed pull told."""
    cluster.out(RUN)
    cluster.later(seconds)
    cluster.out("kubectl get pods")
    told = [message for reason, message in cluster.events() if reason == "Failed"]
    assert told[1] == "Error: ErrImagePull"
    return told[0].removeprefix(f'Failed to pull image "{HELLO}": ')


def test_a_pod_pulls_by_the_endpoint_and_says_hello(cluster):
    assert cluster.out(RUN) == "pod/hello created\n"
    cluster.later(5)

    assert "Hello from Docker!\n" in cluster.out("kubectl logs hello")
    assert cluster.out("kubectl get pods").splitlines()[1].split()[:4] == ["hello", "0/1", "Completed", "0"]
    reasons = [reason for reason, _ in cluster.events()]
    assert reasons == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


def test_what_only_waits_keeps_running(place, cluster):
    registry = place.world.get(place.id("Microsoft.ContainerRegistry/registries", "contoso"))
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "oss/kubernetes/pause:3.9"}
    with place.world.transaction():
        import_image(place.world, registry, source, ["pause:3.9"], "Force")

    cluster.out("kubectl run waits --image=contoso.azurecr.io/pause:3.9")
    cluster.later(5000)

    assert cluster.out("kubectl get pods").splitlines()[1].split()[:4] == ["waits", "1/1", "Running", "0"]


def test_without_the_role_the_pull_is_anonymous_and_unauthorized(place, registry, make):
    cluster = make(role=None)

    assert failure(cluster) == (
        f"{FRAME}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
        "https://contoso.azurecr.io/oauth2/token?scope=repository%3Ahello-world%3Apull&service=contoso.azurecr.io: "
        "401 Unauthorized"
    )
    assert cluster.check()[0] == 60


def test_the_cluster_s_own_identity_has_no_part_in_pulls(place, registry, make):
    cluster = make(role=None)
    place.assign(ACR_PULL, cluster.resource, registry)

    assert failure(cluster).endswith("401 Unauthorized")


def test_by_the_public_name_a_closed_registry_forbids(place, registry, make):
    place.network("alone", "10.5.0.0/16")
    place.subnet("alone", prefix="10.5.0.0/24")

    assert failure(make("alone")) == f"{FRAME}unexpected status from HEAD request to {MANIFEST}: 403 Forbidden"


def test_a_record_that_is_missing_is_no_such_host(place, cluster):
    place.world.delete(place.id("Microsoft.Network/privateDnsZones/A", "privatelink.azurecr.io", "contoso"))

    assert failure(cluster) == (
        f'{FRAME}failed to do request: Head "{MANIFEST}": dial tcp: lookup contoso.azurecr.io on 168.63.129.16:53: '
        "no such host"
    )
    assert cluster.check() == (
        52,
        [
            "Checking host name resolution (contoso.azurecr.io): \x1b[31mFAILED\x1b[0m",
            f"Failed to resolve specified fqdn {HOST}: lookup {HOST} on 168.63.129.16:53: no such host",
        ],
    )


def test_a_network_that_is_linked_and_not_peered_times_out(place, registry, make):
    place.network("spoke", "10.5.0.0/16")
    place.subnet("spoke", prefix="10.5.0.0/24")
    place.link(network="spoke", name="spoke")
    cluster = make("spoke")

    assert failure(cluster, 40) == f'{FRAME}failed to do request: Head "{MANIFEST}": dial tcp 10.0.0.6:443: i/o timeout'
    assert cluster.check()[1][-1].endswith("/oauth2/exchange: dial tcp 10.0.0.6:443: i/o timeout")


def test_a_time_out_takes_its_half_minute(place, registry, make):
    place.network("spoke", "10.5.0.0/16")
    place.subnet("spoke", prefix="10.5.0.0/24")
    place.link(network="spoke", name="spoke")
    cluster = make("spoke")
    cluster.out(RUN)

    cluster.later(20)
    assert "ContainerCreating" in cluster.out("kubectl get pods")
    cluster.later(15)
    assert "ImagePullBackOff" in cluster.out("kubectl get pods")


def test_a_record_that_is_stale_times_out_at_the_old_address(place, cluster):
    place.record("contoso", "10.0.0.99")

    assert failure(cluster, 40).endswith("dial tcp 10.0.0.99:443: i/o timeout")


def test_an_image_that_is_missing_is_not_found(cluster):
    cluster.out("kubectl run hello --image=contoso.azurecr.io/hello-world:v9")
    cluster.later(5)
    cluster.out("kubectl get pods")

    told = dict(reversed(cluster.events()))["Failed"]
    assert told.endswith("contoso.azurecr.io/hello-world:v9: not found")
    assert cluster.check()[0] == 0  # which knows no repository


def test_the_data_endpoint_s_record_is_missed_at_the_layers(place, cluster):
    place.world.delete(place.id("Microsoft.Network/privateDnsZones/A", "privatelink.azurecr.io", "contoso.westus.data"))

    told = failure(cluster)

    assert told.startswith(
        f'failed to pull and unpack image "{HELLO}": failed to copy: httpReadSeeker: failed open: failed to do '
        'request: Get "https://contoso.westus.data.azurecr.io/'
    )
    assert told.endswith("lookup contoso.westus.data.azurecr.io on 168.63.129.16:53: no such host")
    assert cluster.check()[0] == 0  # which does not try it


def test_name_servers_that_do_not_answer(place, cluster):
    cluster.out(RUN)
    pool = place.world.get(place.id(POOL, "k", "nodepool1"))
    for node in pool.state["nodes"]:
        node["servers"] = ["10.0.0.77"]
    with place.world.transaction():
        place.world.put(pool)
    cluster.later(40)
    place.azure.manager.handle(Request("GET", "", "/subscriptions", {"api-version": "2022-12-01"}))

    assert dict(reversed(cluster.events()))["Failed"].endswith("dial tcp: lookup contoso.azurecr.io: i/o timeout")
    assert cluster.invoke("kubectl get pods") == {"reason": "ImagePullBackoff"}  # that of the command's own pod


def test_the_back_off_doubles_and_keeps_the_last_error(place, registry, make):
    cluster = make(role=None)
    cluster.out(RUN)
    cluster.later(8)
    cluster.out("kubectl get pods")

    waiting = cluster.waiting()
    assert waiting["reason"] == "ImagePullBackOff"
    assert waiting["message"].startswith(f'Back-off pulling image "{HELLO}": ErrImagePull: failed to pull and unpack')
    cluster.later(60)
    cluster.out("kubectl get pods")
    (pulling,) = [e for e in cluster.resource.state["kube"]["events"] if e["reason"] == "Pulling"]
    assert pulling["count"] == 3  # after 10 and 20 seconds more


def test_what_is_fixed_shows_at_the_next_attempt(place, registry, make):
    cluster = make(role=None)
    cluster.out(RUN)
    cluster.later(8)
    assert "ImagePullBackOff" in cluster.out("kubectl get pods")

    place.assign(ACR_PULL, cluster.kubelet, registry)
    assert "ImagePullBackOff" in cluster.out("kubectl get pods")
    cluster.later(15)
    assert "Completed" in cluster.out("kubectl get pods")


def test_an_attempt_that_was_due_before_the_mending_has_failed(place, registry, make):
    from acrlab.emulator.core.http import Request

    cluster = make(role=None)
    cluster.out(RUN)
    cluster.later(700)
    place.azure.manager.handle(Request("GET", "", "/subscriptions", {"api-version": "2022-12-01"}))
    place.assign(ACR_PULL, cluster.kubelet, registry)

    assert "ImagePullBackOff" in cluster.out("kubectl get pods")


def test_a_node_with_the_image_starts_it_without_the_registry(place, cluster):
    spec = json.dumps({"spec": {"nodeName": "aks-nodepool1-00000001-vmss000000"}})
    cluster.out(f"{RUN} --overrides='{spec}'")
    cluster.later(5)
    cluster.out("kubectl delete pod hello")
    place.world.delete(place.id("Microsoft.Network/privateDnsZones/A", "privatelink.azurecr.io", "contoso"))

    cluster.out(f"{RUN} --overrides='{spec}'")
    cluster.later(5)

    assert "Completed" in cluster.out("kubectl get pods")
    assert cluster.events()[-3][1] == f'Container image "{HELLO}" already present on machine'


def test_all_is_well_for_check_acr(cluster):
    status, lines = cluster.check()

    assert status == 0
    assert lines[:2] == [
        "Checking host name resolution (contoso.azurecr.io): \x1b[32mSUCCEEDED\x1b[0m",
        "Canonical name for ACR (contoso.azurecr.io): contoso.privatelink.azurecr.io.",
    ]
    assert lines[-2] == "Validating image pull permission: \x1b[32mSUCCEEDED\x1b[0m"


def test_a_cluster_without_a_way_out_cannot_start_the_command(place, cluster):
    kept = cluster.resource
    with place.world.transaction():
        kept.state["outbound"] = ""
        place.world.put(kept)

    assert cluster.invoke("kubectl get pods") == {"reason": "ImagePullBackoff"}
