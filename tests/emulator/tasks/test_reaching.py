"""Where runs come from, what a closed registry says to them, and the ways out."""

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.azure.cloud import ACR_PULL
from acrlab.emulator.types.authorization.roles import BUILT_IN

PUSH = BUILT_IN["AcrPush"].guid
WRITER = BUILT_IN["Container Registry Repository Writer"].guid
AGENTS = ("198.51.100.128", "198.51.100.129")  # of West US
LINUX = {"os": "linux", "architecture": "amd64"}


def close(builds, *, default="Deny", public="Enabled", addresses=(), **more):
    rules = {"defaultAction": default, "ipRules": [{"value": address} for address in addresses]}
    properties = {"publicNetworkAccess": public, "networkRuleSet": rules, **more}
    change(builds, **properties)


def change(builds, **properties):
    body = {"properties": properties}
    id = builds.cloud.registries.registries.get("g", "contoso").id
    builds.cloud.resources.resources.begin_update_by_id(id, body, api_version="2025-06-01-preview").result()


def assign(builds, principal, role):
    id = builds.cloud.registries.registries.get("g", "contoso").id
    root = f"/subscriptions/{builds.cloud.opened.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    properties = {"roleDefinitionId": f"{root}/{role}", "principalId": principal}
    name = builds.cloud.world.derive("assignment", principal, role)
    path = f"{id}/providers/Microsoft.Authorization/roleAssignments/{name}"
    operations = builds.cloud.resources.resources
    operations.begin_create_or_update_by_id(path, {"properties": properties}, api_version="2022-04-01").result()


@pytest.mark.parametrize("closing", [{}, {"public": "Disabled"}])
def test_a_closed_registry_refuses_a_build_in_the_run_and_not_before(builds, closing):
    close(builds, **closing)

    status, log = builds.build()

    lines = log.replace("\r\n", "\n").splitlines()
    (refused,) = [line for line in lines if line.startswith("failed to login")]
    assert status == "Failed"
    assert any(
        refused
        == "failed to login, ran out of retries: failed to set docker credentials: Error response from daemon: Get "
        f"\"https://contoso.azurecr.io/v2/\": denied: client with IP '{address}' is not allowed access. Refer "
        "https://aka.ms/acr/firewall to grant access."
        for address in AGENTS
    )
    assert lines[lines.index(refused) + 1] == ": exit status 1"
    assert lines[-1].startswith("Run ID: ")
    assert lines[-1].endswith("Error: failed during run, err: exit status 1")


def test_the_region_s_service_tag_is_where_it_comes_from(builds):
    tags = builds.cloud.network.service_tags.list("westus").values_property
    tag = next(one for one in tags if one.name == "AzureContainerRegistry.WestUS")
    close(builds, addresses=tag.properties.address_prefixes)

    assert builds.build()[0] == "Succeeded"


def test_another_region_s_tag_does_not_help(builds):
    tags = builds.cloud.network.service_tags.list("westus").values_property
    tag = next(one for one in tags if one.name == "AzureContainerRegistry.EastUS")
    close(builds, addresses=tag.properties.address_prefixes)

    assert builds.build()[0] == "Failed"


def test_where_public_access_is_disabled_the_tag_does_not_help(builds):
    close(builds, public="Disabled", addresses=("198.51.100.128/31",))

    assert builds.build()[0] == "Failed"


# -- agent pools -------------------------------------------------------------------------------------------------------


@pytest.fixture
def east(builds):
    """The registry in a region that has pools, with a private endpoint in a network beside."""
    cloud = builds.cloud
    cloud.registries.registries.begin_delete("g", "contoso").result()
    premium = {"location": "eastus", "sku": {"name": "Premium"}, "properties": {}}
    registry = cloud.registries.registries.begin_create("g", "contoso", premium).result()
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": ["hello-world:v1"]}
    cloud.registries.registries.begin_import_image("g", "contoso", body).result()
    subnet = cloud.subnet()
    cloud.endpoint(registry, subnet)
    return builds, subnet


def pool(builds, subnet=None, name="pool1", **more):
    inside = {"virtualNetworkSubnetResourceId": subnet.id} if subnet else {}
    body = {"location": "eastus", "properties": {"count": 1, "tier": "S1", "os": "Linux", **inside, **more}}
    return builds.client.agent_pools.begin_create("g", "contoso", name, body).result()


def records(builds, subnet):
    """The zone, linked, with the registry's two names."""
    cloud = builds.cloud
    cloud.zone()
    cloud.link("privatelink.azurecr.io", subnet.id.rpartition("/subnets/")[0])
    endpoint = cloud.network.private_endpoints.get("g", "e")
    for config in endpoint.custom_dns_configs:
        name = config.fqdn.removesuffix(".azurecr.io")
        body = {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": config.ip_addresses[0]}]}}
        cloud.dns.record_sets.create_or_update("g", "privatelink.azurecr.io", "A", name, body)


def test_a_pool_in_the_network_reaches_a_closed_registry_by_its_endpoint(east):
    builds, subnet = east
    close(builds, public="Disabled")
    records(builds, subnet)
    pool(builds, subnet)

    status, log = builds.build(agentPoolName="pool1")

    assert (status, "Successfully pushed image" in log) == ("Succeeded", True)


def test_a_pool_without_the_private_name_is_refused_as_anyone(east):
    builds, subnet = east
    close(builds, public="Disabled")
    pool(builds, subnet)

    status, log = builds.build(agentPoolName="pool1")

    assert status == "Failed"
    assert "is not allowed access" in log


def test_a_pool_without_a_subnet_stands_outside(east):
    builds, _ = east
    close(builds, public="Disabled")
    pool(builds)

    assert builds.build(agentPoolName="pool1")[0] == "Failed"


def test_a_pool_without_instances_lets_a_run_wait(east):
    builds, subnet = east
    pool(builds, subnet, count=0)
    id = builds.schedule(agentPoolName="pool1")
    builds.cloud.world.advance_to(builds.cloud.world.now + 600)
    assert builds.client.runs.get("g", "contoso", id).properties.status == "Queued"
    assert builds.client.agent_pools.get_queue_status("g", "contoso", "pool1").count == 1

    builds.client.agent_pools.begin_update("g", "contoso", "pool1", {"properties": {"count": 1}}).result()

    assert builds.ended(id)[0] == "Succeeded"
    assert builds.client.agent_pools.get_queue_status("g", "contoso", "pool1").count == 0


def test_the_course_s_region_has_no_pools(builds):
    body = {"location": "westus", "properties": {"count": 1, "tier": "S1", "os": "Linux"}}

    with pytest.raises(HttpResponseError) as caught:
        builds.client.agent_pools.begin_create("g", "contoso", "pool1", body)

    assert caught.value.error.code == "LocationNotAvailableForResourceType"
    assert "The provided location 'westus' is not available" in caught.value.error.message
    assert "'eastus,westeurope,westus2" in caught.value.error.message


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"count": 9}, "AgentPoolQuotaExceeded"),
        ({"tier": "I6"}, "AgentPoolQuotaExceeded"),
        ({"os": "Windows"}, "NotEmulated"),
        ({"virtualNetworkSubnetResourceId": "/subscriptions/x"}, "InvalidVirtualNetworkSubnet"),
    ],
)
def test_a_pool_is_refused(east, change, code):
    builds, _ = east

    with pytest.raises(HttpResponseError) as caught:
        pool(builds, **change)

    assert caught.value.error.code == code


def test_a_pool_goes_and_a_run_for_it_is_refused(east):
    builds, _ = east
    pool(builds)
    builds.client.agent_pools.begin_delete("g", "contoso", "pool1").result()

    with pytest.raises(HttpResponseError) as caught:
        builds.schedule(agentPoolName="pool1")

    assert caught.value.error.code == "AgentPoolNotFound"


# -- tasks with an identity --------------------------------------------------------------------------------------------


def task(builds, **credentials):
    step = {
        "type": "Docker",
        "imageNames": ["app:v1"],
        "dockerFilePath": "Dockerfile",
        "contextPath": "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main",
        "contextAccessToken": "kept to itself",
    }
    properties = {"platform": LINUX, "step": step, "credentials": credentials}
    body = {"location": "westus", "identity": {"type": "SystemAssigned"}, "properties": properties}
    return builds.client.tasks.create("g", "contoso", "rebuild", body)


def run(builds, made):
    source = builds.upload({"Dockerfile": "FROM contoso.azurecr.io/hello-world:v1\nLABEL a=b\n"})
    asked = {"type": "TaskRunRequest", "taskId": made.id, "overrideTaskStepProperties": {"contextPath": source}}
    return builds.ended(builds.client.registries.schedule_run("g", "contoso", asked).properties.run_id)


OWN = {"customRegistries": {"contoso.azurecr.io": {"identity": "[system]"}}}


def test_a_task_with_an_identity_passes_where_the_registry_says_so(builds):
    made = task(builds, **OWN)
    assign(builds, made.identity.principal_id, PUSH)
    close(builds, public="Disabled")
    assert "is not allowed access" in run(builds, made)[1]

    change(builds, networkRuleBypassAllowedForTasks=True)

    assert run(builds, made)[0] == "Succeeded"


def test_it_does_not_pass_where_trusted_services_do_not(builds):
    made = task(builds, **OWN)
    assign(builds, made.identity.principal_id, PUSH)
    close(builds, networkRuleBypassOptions="None", networkRuleBypassAllowedForTasks=True)

    assert run(builds, made)[0] == "Failed"


def test_the_bypass_is_for_identities_and_not_for_quick_builds(builds):
    close(builds, networkRuleBypassAllowedForTasks=True)

    assert builds.build()[0] == "Failed"
    assert run(builds, task(builds))[0] == "Failed"


def test_an_identity_without_a_role_ends_at_a_terminal_that_is_none(builds):
    status, log = run(builds, task(builds, **OWN))

    assert status == "Failed"
    assert "failed to set docker credentials: Error: Cannot perform an interactive login from a non TTY device" in log


def test_an_identity_that_may_only_pull_fails_at_the_push(builds):
    made = task(builds, **OWN)
    assign(builds, made.identity.principal_id, ACR_PULL)

    status, log = run(builds, made)

    assert status == "Failed"
    assert "Pushing image: contoso.azurecr.io/app:v1, attempt 1" in log
    assert "Successfully pushed" not in log


def test_a_registry_of_repositories_gives_a_run_nothing_by_itself(builds):
    change(builds, roleAssignmentMode="AbacRepositoryPermissions")

    status, log = builds.build()

    assert status == "Failed"
    assert "Logging in to registry" not in log


def test_there_a_build_may_be_the_caller_or_a_task_itself(builds):
    change(builds, roleAssignmentMode="AbacRepositoryPermissions")
    assign(builds, builds.cloud.world.derive("principal", "learner"), WRITER)
    assert builds.build(credentials={"sourceRegistry": {"identity": "[caller]"}})[0] == "Succeeded"
    made = task(builds, sourceRegistry={"identity": "[system]"})
    assert run(builds, made)[0] == "Failed"

    assign(builds, made.identity.principal_id, WRITER)

    assert run(builds, made)[0] == "Succeeded"


def test_a_task_s_token_is_told_by_its_details_alone(builds):
    task(builds)

    assert (
        "contextAccessToken" not in builds.client.tasks.get("g", "contoso", "rebuild").as_dict()["properties"]["step"]
    )
    told = builds.client.tasks.get_details("g", "contoso", "rebuild").as_dict()["properties"]["step"]
    assert told["contextAccessToken"] == "kept to itself"


def test_a_task_without_its_own_source_is_not_fetched(builds):
    made = task(builds)

    with pytest.raises(HttpResponseError, match=r"the source https://github\.com"):
        builds.client.registries.schedule_run("g", "contoso", {"type": "TaskRunRequest", "taskId": made.id})


def test_tasks_are_listed_changed_and_deleted(builds):
    task(builds)
    builds.client.tasks.update("g", "contoso", "rebuild", {"properties": {"status": "Disabled"}})

    (made,) = builds.client.tasks.list("g", "contoso")
    assert made.properties.status == "Disabled"
    with pytest.raises(HttpResponseError, match="is disabled"):
        builds.client.registries.schedule_run("g", "contoso", {"type": "TaskRunRequest", "taskId": made.id})
    builds.client.tasks.delete("g", "contoso", "rebuild")
    assert list(builds.client.tasks.list("g", "contoso")) == []


def test_a_run_is_not_throttled_for_what_it_does_at_once(builds):
    builds.cloud.world.set_setting("timing", "as-azure")
    builds.cloud.world.advance_to(builds.cloud.world.now + 600)

    assert [builds.build(images=(f"app:v{n}",))[0] for n in range(4)] == ["Succeeded"] * 4
