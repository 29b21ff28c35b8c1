"""Microsoft.ContainerRegistry/registries: what the article's registry is to Resource Manager.

What it holds, and who may have it, is `acrlab.emulator.registry`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import login_server
from acrlab.emulator.core import lateness
from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Only, Shape
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.lro import Polling
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType, Route, Versioned
from acrlab.emulator.core.values import Field, Flag, Region, Tags, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.export_policy import open_registries_export
from acrlab.emulator.types.container_registry.registry_admin import (
    PASSWORD_NAME,
    list_credentials,
    regenerate_credential,
)
from acrlab.emulator.types.container_registry.registry_members import (
    data_hosts,
    private_link_resource,
    private_link_resources,
    regional_hosts,
)
from acrlab.emulator.types.container_registry.registry_network import OPEN, RULE_SET
from acrlab.emulator.types.container_registry.registry_network import RULES as NETWORK_RULES
from acrlab.emulator.types.container_registry.registry_policies import POLICIES
from acrlab.emulator.types.container_registry.registry_rules import (
    ABAC,
    BOTH,
    CLASSIC,
    LEGACY,
    REGISTRY_TYPE,
    RULES,
    SCOPES,
    has_regional_endpoints,
    is_premium,
    public_access,
    scoped_label,
    server_of,
    takes_name,
)
from acrlab.emulator.types.container_registry.registry_usage import list_usages
from acrlab.emulator.types.container_registry.token_passwords import PASSWORDS_OF_TOKEN, generate_credentials
from acrlab.emulator.types.identity import IDENTITY, identities_fit, shown_in_small
from acrlab.emulator.types.polling import REGISTRY_ACTION, REGISTRY_DELETE, REGISTRY_PUT

NAME = r"[A-Za-z0-9]{5,50}"


def dates_itself(state: State, registry: Resource, old: Resource | None) -> None:
    """The day of creation stays for good, that of the policies as long as they do; only Premium shows a rule set."""
    registry.state.setdefault("creationDate", state.timestamp(registry.created))
    if old is None or old.properties["policies"] != registry.properties["policies"]:
        registry.state["policiesSet"] = state.timestamp()
    registry.properties["dataEndpointEnabled"] = bool(registry.properties["dataEndpointEnabled"])
    if not is_premium(registry):
        registry.properties.pop("networkRuleSet", None)
    else:
        registry.properties.setdefault("networkRuleSet", dict(OPEN))
    if old is not None:
        before, after = public_access(old), public_access(registry)
        lateness.change(state, registry, "access", before, after, seconds=lateness.ACCESS_S)
        before, after = (r.properties.get("roleAssignmentMode", LEGACY) for r in (old, registry))
        lateness.change(state, registry, "mode", before, after, seconds=lateness.MODE_S)
        if has_regional_endpoints(old) != has_regional_endpoints(registry):
            state.perform("members_changed", registry)
    if registry.properties["zoneRedundancy"] == "Enabled":
        make_home_replica(state, registry)


def make_home_replica(state: State, registry: Resource) -> None:
    """Show the home region as a replica, which the service makes by itself: for others, or for its own zones."""
    id = registry.id.child("replications", registry.location)
    if registry.location in (r.location for r in state.children(registry.id, "replications")):
        return
    redundancy = registry.properties["zoneRedundancy"]
    properties = {"regionEndpointEnabled": True, "zoneRedundancy": redundancy}
    # It takes the registry's tags over. Source: recordings of Azure/azure-sdk-for-net (ContainerRegistryReplication)
    body = {"location": registry.location, "tags": dict(registry.body.get("tags") or {}), "properties": properties}
    state.put(state.new(id, body, {"serves": True, "since": state.now, "home": True}))


def forget_content(state: State, registry: Resource) -> None:
    """Images go with their registry."""
    state.perform("drop_content", registry)


def with_its_replicas(state: State, registry: Resource) -> Polling | None:
    """A registry with replicas is gone when they are. Source: recordings of azure-cli's tests of replications"""
    return REGISTRY_DELETE if state.children(registry.id, "replications") else None


def connections(state: State, registry: Resource) -> list[JSON]:
    return [state.show(c) for c in state.children(registry.id, "privateEndpointConnections")]


def sku(state: State, registry: Resource) -> JSON:
    name = registry.body["sku"]["name"]
    return {"name": name, "tier": name}


def who_and_when(state: State, resource: Resource) -> JSON:
    """Tell who made it and when; the learner is the only person in the lab."""
    who = {"By": "learner", "ByType": "User"}
    made = {f"created{k}": v for k, v in who.items()} | {"createdAt": state.timestamp(resource.created)}
    changed = {f"lastModified{k}": v for k, v in who.items()} | {"lastModifiedAt": state.timestamp(resource.changed)}
    return made | changed


def system_data(state: State, resource: Resource) -> JSON:
    """Tell the same as the registry's services write it: moments with an offset."""
    told = who_and_when(state, resource)
    return told | {name: with_offset(told[name]) for name in ("createdAt", "lastModifiedAt")}


def last_write(state: State, resource: Resource) -> JSON:
    """Tell who wrote it last as who made it, too: the service of tokens and scope maps keeps no more.

    Source: recordings of Azure/azure-powershell (Update-AzContainerRegistryToken, Update-AzContainerRegistryScopeMap)
    """
    told = system_data(state, resource)
    return told | {"createdAt": told["lastModifiedAt"]}


def import_image(state: State, registry: Resource, request: Request) -> JSON:
    """Copy an image from another registry, without any client in between."""
    sent = request.json()
    tags, untagged = sent.get("targetTags") or [], sent.get("untaggedTargetRepositories") or []
    state.perform("import_image", registry, sent["source"], tags, sent["mode"], untagged)
    return {"status": "Succeeded"}


IMPORT_SOURCE = Shape(
    {
        "sourceImage": Field(Text(), required=True),
        "registryUri": Field(Text()),
        "resourceId": Field(Text()),
        "credentials": Field(Shape({"username": Field(Text()), "password": Field(Text(), required=True)})),
    }
)
IMPORT = Shape(
    {
        "source": Field(IMPORT_SOURCE, required=True),
        "targetTags": Field(Listing(Text())),
        "untaggedTargetRepositories": Field(Listing(Text())),
        "mode": Field(choice("NoForce", "Force"), default="NoForce"),
    }
)


def check_name(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Say whether a registry name is still free in the whole world."""
    asked = request.json()
    name, scope = str(asked.get("name", "")), _scope(asked, request.api_version)
    if not re.fullmatch(NAME, name):
        message = "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters"
        return {"nameAvailable": False, "reason": "Invalid", "message": message}
    group = ArmId.of_group(words["subscription"], str(asked.get("resourceGroupName", "")))
    id = ArmId(str(group), REGISTRY_TYPE, (name,))
    wanted = scoped_label(state, id, scope, state.new(id, {}).generation)
    if any(takes_name(other, id, wanted) for other in state.named(REGISTRY_TYPE, name)):
        message = f"The registry {name} is already in use."
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    known = {"availableLoginServerName": login_server(wanted)} if scope else {}
    return {"nameAvailable": True, **known}


def _scope(asked: JSON, version: str) -> str:
    """Return the scope of a label that was asked about; empty: none was, or the api-version knows none."""
    name = "autoGeneratedDomainNameLabelScope"
    return str(asked.get(name) or "") if REGISTRY.properties[name].in_version(version) else ""


SKU = Shape({"name": Field(choice("Basic", "Standard", "Premium", CLASSIC), required=True)}, ("tier",))
ENCRYPTION = Shape({"status": Field(choice("disabled", unmodelled=("enabled",)), default="disabled")})
REGISTRY = ResourceType(
    type=REGISTRY_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/registries/create",
    versions=api_versions.REGISTRY,
    name=NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), default={}, inert=True),
        "sku": Field(SKU, required=True),
        "identity": Field(IDENTITY),
    },
    properties={
        "adminUserEnabled": Field(Flag(), default=False),
        "publicNetworkAccess": Field(choice("Enabled", "Disabled"), default="Enabled", since="2019-12-01"),
        "networkRuleSet": Field(RULE_SET),
        "networkRuleBypassOptions": Field(choice("AzureServices", "None"), default="AzureServices", since="2020-11-01"),
        "networkRuleBypassAllowedForTasks": Field(Flag(), default=False, since="2025-05-01"),
        "dataEndpointEnabled": Field(Flag(), default=False, since="2019-12-01"),
        "regionalEndpoints": Field(choice("Enabled", "Disabled"), default="Disabled", since="2026-01-01", preview=True),
        "endpointProtocol": Field(choice("IPv4", BOTH), default="IPv4", inert=True, since="2026-01-01", preview=True),
        "zoneRedundancy": Field(choice("Enabled", "Disabled"), default="Disabled", inert=True, since="2020-11-01"),
        "anonymousPullEnabled": Field(Flag(), default=False, since="2021-06-01"),
        "policies": Field(POLICIES, default=lambda scene: POLICIES.admit("", {}, scene), inert=True),
        "encryption": Field(ENCRYPTION, default={"status": "disabled"}, since="2019-12-01"),
        "metadataSearch": Field(
            choice("Enabled", "Disabled"), default="Disabled", inert=True, since="2023-11-01", preview=True
        ),
        "roleAssignmentMode": Field(choice(LEGACY, ABAC), default=LEGACY, since="2024-11-01"),
        "autoGeneratedDomainNameLabelScope": Field(
            choice("Unsecure", *SCOPES), default="Unsecure", since="2024-11-01", preview=True
        ),
        "writableCacheRepos": Field(Only("Disabled"), default="Disabled", since="2026-09-01", preview=True),
    },
    read_only=("creationDate", "status"),
    computed={
        "loginServer": lambda state, registry: server_of(registry),
        "creationDate": lambda state, registry: registry.state["creationDate"],
        "dataEndpointHostNames": Versioned(data_hosts, since="2019-12-01"),
        "regionalEndpointHostNames": Versioned(regional_hosts, since="2026-01-01", preview=True),
        "privateEndpointConnections": Versioned(connections, since="2019-12-01"),
    },
    computed_envelope={"sku": sku, "systemData": system_data, "identity": shown_in_small},
    rules=(*RULES, *NETWORK_RULES, open_registries_export, identities_fit),
    on_put=dates_itself,
    on_delete=forget_content,
    polling={"PUT": REGISTRY_PUT, "DELETE": REGISTRY_DELETE},
    long_delete=with_its_replicas,
    seconds={"PUT": 10, "DELETE": 10},
    created=200,
    actions={
        "privateLinkResources": Action(private_link_resources, method="GET"),
        "importImage": Action(import_image, body=IMPORT, polling=REGISTRY_ACTION, seconds=10, accepts_first=True),
        "listUsages": Action(list_usages, method="GET"),
        "listCredentials": Action(list_credentials),
        "regenerateCredential": Action(regenerate_credential, body=PASSWORD_NAME),
        "generateCredentials": Action(generate_credentials, body=PASSWORDS_OF_TOKEN),
        "scheduleRun": Action(lambda state, registry, request: state.perform("schedule_run", registry, request)),
        "listBuildSourceUploadUrl": Action(
            lambda state, registry, request: state.perform("upload_url", registry, request)
        ),
    },
)
ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/"
        "{registry}/privateLinkResources/{name}",
        private_link_resource,
        "https://learn.microsoft.com/rest/api/container-registry/registries/get-private-link-resource",
    ),
    Route(
        "POST",
        "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability",
        check_name,
        "https://learn.microsoft.com/rest/api/container-registry/registries/check-name-availability",
    ),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="The hash in the names of a registry with a domain name label scope is another than Azure's.",
        impact="It has Azure's form, and it is never the one that Azure would give.",
        reason="How Azure makes it is not documented.",
        workaround="Read `loginServer`.",
    ),
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="A deleted registry's name is free at once.",
        impact="Making it again works where Azure may still say AlreadyInUse.",
        reason="How long Azure keeps a name is not documented.",
        workaround="Choose another name on Azure.",
    ),
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="An import that failed answers the poll of its operation with 400.",
        impact="Clients that look at the number see 400 where Azure may answer another.",
        reason="The texts of such failures are known, and their HTTP status is not.",
        workaround="Look at the code in the answer.",
    ),
)
