"""Microsoft.ContainerRegistry/registries/cacheRules and /credentialSets: images that a registry would fetch by itself.

Both are kept; a pull of an image that is not there yet does not fetch it.
Source: https://learn.microsoft.com/azure/container-registry/artifact-cache-overview
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Scene, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.agent_pool import registry_of
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, not_there
from acrlab.emulator.types.identity import IDENTITY, identities_fit, shown_in_small
from acrlab.emulator.types.polling import CACHE_DELETE, CACHE_PUT, CREDENTIALS_DELETE, CREDENTIALS_PUT

CACHE_TYPE, CREDENTIALS_TYPE = f"{REGISTRY_TYPE}/cacheRules", f"{REGISTRY_TYPE}/credentialSets"
MOST_RULES = 1000
UNHEALTHY = {  # no secret is read here, so that none is known to be good
    "status": "Unhealthy",
    "errorCode": "NotEmulated",
    "errorMessage": "Not emulated: key vaults. The secrets of this credential set were not read.",
}


def credential_set_exists(state: State, rule: Resource, old: Resource | None) -> None:
    """A rule names credentials that are there. The words are ours."""
    named = rule.properties.get("credentialSetResourceId")
    if named and state.find(named) is None:
        raise ArmError(404, "CredentialSetNotFound", f"The credential set '{named}' was not found.")


def target_is_free(state: State, rule: Resource, old: Resource | None) -> None:
    """A repository is filled by one rule, and a registry has a thousand at most. The words are ours."""
    others = [r for r in state.children(registry_of(state, rule).id, "cacheRules") if r.id.key != rule.id.key]
    target = rule.properties["targetRepository"]
    if any(other.properties["targetRepository"] == target for other in others):
        raise ArmError(409, "CacheRuleConflict", f"Another cache rule already has the target repository '{target}'.")
    if old is None and len(others) >= MOST_RULES:
        raise ArmError(400, "CacheRuleLimitExceeded", f"A registry can have at most {MOST_RULES} cache rules.")


def no_rule_uses_it(state: State, credentials: Resource) -> None:
    """Credentials that a rule names stay. The words are ours."""
    rules = state.children(registry_of(state, credentials).id, "cacheRules")
    users = [r.id.name for r in rules if r.properties.get("credentialSetResourceId", "").lower() == credentials.id.key]
    if users:
        message = f"The credential set {credentials.id.name} is used by the cache rules {', '.join(users)}."
        raise ArmError(409, "CredentialSetInUse", message)


def dates_itself(state: State, resource: Resource, old: Resource | None) -> None:
    """The day of creation stays for good."""
    resource.state.setdefault("creationDate", state.timestamp())


class _Credential(Shape):
    """Where user name and password lie; whether they are good is not known here."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        return {**super().show(value, scene), "credentialHealth": UNHEALTHY}


CREDENTIAL = _Credential(
    {
        "name": Field(Text("Credential1"), default="Credential1"),
        "usernameSecretIdentifier": Field(Text(r"https://.+"), required=True),
        "passwordSecretIdentifier": Field(Text(r"https://.+"), required=True),
    },
    ("credentialHealth",),
)
CREATED = {"creationDate": lambda state, resource: resource.state["creationDate"]}

CACHE_RULE = ResourceType(
    type=CACHE_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/cache-rules/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9-]{5,50}",
    envelope={},
    properties={
        "sourceRepository": Field(Text(), required=True, inert=True),
        "targetRepository": Field(Text(), required=True),
        "credentialSetResourceId": Field(Text()),
    },
    read_only=("creationDate",),
    computed=CREATED,
    computed_envelope={"systemData": system_data},
    rules=(credential_set_exists, target_is_free),
    on_put=dates_itself,
    polling={"PUT": CACHE_PUT, "PATCH": CACHE_PUT, "DELETE": CACHE_DELETE},
    seconds={"PUT": 3, "DELETE": 2},
    missing=not_there,
)
CREDENTIAL_SET = ResourceType(
    type=CREDENTIALS_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/credential-sets/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9-]{5,50}",
    envelope={"identity": Field(IDENTITY)},
    properties={
        "loginServer": Field(Text(), required=True, inert=True),
        "authCredentials": Field(Listing(CREDENTIAL, least=1), required=True, inert=True),
    },
    read_only=("creationDate",),
    computed=CREATED,
    computed_envelope={"identity": shown_in_small, "systemData": system_data},
    rules=(identities_fit,),
    delete_rules=(no_rule_uses_it,),
    on_put=dates_itself,
    polling={"PUT": CREDENTIALS_PUT, "PATCH": CREDENTIALS_PUT, "DELETE": CREDENTIALS_DELETE},
    seconds={"PUT": 3, "DELETE": 2},
    missing=not_there,
)

DEVIATIONS = (
    Deviation(
        of=CACHE_TYPE,
        what="A cache rule is kept and fetches nothing.",
        impact="A pull by the target repository finds only what was pushed or imported there: 404.",
        reason="The emulated Azure fetches nothing from the internet but what it ships.",
        workaround="`az acr import` from a registry that it ships images of.",
    ),
    Deviation(
        of=CREDENTIALS_TYPE,
        what="The secrets of a credential set are not read, and its `credentialHealth` is Unhealthy.",
        impact="On Azure it is Healthy as soon as the set's identity may read them.",
        reason="Key vaults are not emulated.",
        workaround="Look at `credentialHealth.errorMessage`.",
    ),
)
