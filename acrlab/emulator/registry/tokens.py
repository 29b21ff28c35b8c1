"""The registry's own tokens: who a caller is, what it may do, and how it proves both.

    Entra ID token --/oauth2/exchange--> refresh token --/oauth2/token--> access token, good for some scopes

Rights are looked up at the exchange and written into the refresh token: a role that is given or taken later counts
from the next sign-in on, as it does on Azure. Where the registry asks for repository permissions, the refresh token
only says who it is, and rights are looked up for each access token.

Both are JWTs that the registry signs for itself. `grant_type` tells them apart, so that a refresh token does not open a
repository and an access token does not buy another. `rid` is the registry's own id: a token of a registry that was
deleted and created again under the same name is worth nothing. So is one from before the registry's
`roleAssignmentMode` was changed.

A user name and password stand for a refresh token, and the user name `NULL_USER` says that the password is one: so
`docker login` can carry what `az acr login` fetched. It may be an access token, too, and is good for the scopes and the
time of that one then. `Caller` is what all these ways of signing in come down to.
Source: https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT, REGISTRY_AUDIENCE
from acrlab.emulator.core.http import INSIDE, JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import applications, roles, signing, tokens
from acrlab.emulator.entra.repository_rights import RepositoryRights
from acrlab.emulator.registry import passwords
from acrlab.emulator.types.container_registry.registry_rules import asks_for_repositories, role_mode, server_of
from acrlab.emulator.types.container_registry.scope_map import find_system_defined

NULL_USER = "00000000-0000-0000-0000-000000000000"  # the user name that says: the password is a token
ISSUER = "Azure Container Registry"
# what a scope map calls an action -> what tokens call it
PARTS = {
    "content/read": "pull",
    "content/write": "push",
    "content/delete": "delete",
    "metadata/read": "metadata_read",
    "metadata/write": "metadata_write",
}
REFRESH_S, ACCESS_S = 3 * 3600, 75 * 60
AUDIENCES = (REGISTRY_AUDIENCE, MANAGEMENT, f"{MANAGEMENT}/", "https://management.core.windows.net/")


@dataclass(frozen=True)
class Caller:
    """A caller who proved who it is.

    Attributes:
        name: principal id, admin user, repository token or `anonymous`.
        actions: what it may do to any repository, e.g. `pull`.
        places: pattern of repositories -> what it may do there besides.
        rights: what decides instead, where the registry asks for repository permissions.
        left_s: seconds until what it signed in with ends, and all that it gets for it; None: it can sign in anew.
    """

    name: str
    actions: frozenset[str]
    places: tuple[tuple[str, frozenset[str]], ...] = ()
    rights: RepositoryRights | None = None
    left_s: int | None = None

    def may(self, repository: str) -> frozenset[str]:
        """Return all that it may do to a repository."""
        if self.rights is not None:
            return self.rights.may(repository)
        there = (actions for pattern, actions in self.places if _fits(pattern, repository))
        return self.actions.union(*there)

    def may_list(self) -> bool:
        """Tell whether it may see the catalog: all may whose role lets them read anything.

        Of repository tokens only one that may do everything: a scope map names repositories, and not their list.
        Source: https://learn.microsoft.com/azure/container-registry/container-registry-repository-scoped-permissions,
        acr#600, acr#675
        """
        if self.rights is not None:
            return self.rights.may_list()
        return bool(self.actions & {"pull", "metadata_read"}) or self.may("*") >= roles.EVERYTHING


@dataclass(frozen=True)
class Scope:
    """What a token is asked for, or an operation asks for: `repository:hello-world:pull`."""

    type: str
    name: str
    actions: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Scope:
        type, _, rest = text.partition(":")
        name, _, actions = rest.rpartition(":")
        return cls(type, name, tuple(a for a in actions.split(",") if a))

    def __str__(self) -> str:
        return f"{self.type}:{self.name}:{','.join(self.actions)}"

    def granted(self, caller: Caller) -> list[str]:
        """Return the part of the wanted actions that a caller has."""
        if self.type != "repository":
            return ["*"] if caller.may_list() else []
        allowed = caller.may(self.name)
        return sorted(allowed) if "*" in self.actions else [a for a in self.actions if a in allowed]


def exchanged(world: World, registry: Resource, entra_token: str, clock: str = INSIDE) -> str | None:
    """Turn a token of Entra ID into a refresh token; None: it is not valid here, or its principal has no right here."""
    claims = tokens.read(world, entra_token)
    # A caller without any right gets no refresh token at all: Azure refuses at the exchange, and not at the first pull.
    if claims is None or claims["aud"] not in AUDIENCES:
        return None
    caller = _principal(world, registry, claims["oid"])
    known = bool(caller.actions) or (caller.rights is not None and caller.rights.may_sign_in())
    return refresh_token(world, registry, caller, clock) if known else None


def _principal(world: World, registry: Resource, principal: str) -> Caller:
    """Return a principal of Entra ID as a caller, with the rights that the registry's mode asks for."""
    if asks_for_repositories(world, registry):
        return Caller(principal, frozenset(), rights=RepositoryRights(world, principal, registry))
    return Caller(principal, roles.actions(world, principal, registry))


def refresh_token(world: World, registry: Resource, caller: Caller, clock: str = INSIDE) -> str:
    claims = {
        "tenant": tenant_of(world, registry.id.subscription),
        "permissions": {"actions": sorted(caller.actions), "notActions": []},
        **({"principal": True} if caller.rights is not None else {}),
        **({"places": [[pattern, sorted(actions)] for pattern, actions in caller.places]} if caller.places else {}),
    }
    return _signed(world, registry, caller, "refresh_token", claims, REFRESH_S, clock)


def access_token(world: World, registry: Resource, caller: Caller, scopes: list[Scope], clock: str = INSIDE) -> str:
    """Sign what a caller asked for, cut down to what it may do."""
    access = [{"type": s.type, "name": s.name, "actions": s.granted(caller)} for s in scopes]
    lifetime_s = ACCESS_S if caller.left_s is None else caller.left_s
    return _signed(world, registry, caller, "access_token", {"access": access}, lifetime_s, clock)


def caller_of(world: World, registry: Resource, user: str, password: str) -> Caller | None:
    """Find whom a user name and password belong to; None: to no one.

    It may be the admin user, a service principal, a repository token, or the holder of one of the registry's own.
    Source: https://learn.microsoft.com/azure/container-registry/container-registry-auth-service-principal
    """
    if user == NULL_USER:
        return holder_of(world, registry, password) or _holder_of_access(world, registry, password)
    if passwords.match(world, registry, user, password):
        return Caller(user, roles.EVERYTHING)
    tenant = tenant_of(world, registry.id.subscription)
    if applications.is_known(world, user, tenant) and applications.is_secret(world, user, password):
        return _principal(world, registry, applications.principal(world, user, tenant))
    # A repository token has no role: all that it may do is in its scope map.
    token = passwords.token_match(world, registry, user, password)
    return Caller(token.id.name, frozenset(), places_of(world, token)) if token else None


def holder_of(world: World, registry: Resource, token: str) -> Caller | None:
    """Find whose refresh token this is; None: it is none, or not a good one."""
    claims = _read(world, registry, token, "refresh_token")
    if claims is None:
        return None
    if claims.get("principal"):
        return _principal(world, registry, claims["sub"])
    places = tuple((pattern, frozenset(actions)) for pattern, actions in claims.get("places", []))
    return Caller(claims["sub"], frozenset(claims["permissions"]["actions"]), places)


def _holder_of_access(world: World, registry: Resource, token: str) -> Caller | None:
    """Source: "Docker login with ACR Access Token", https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md"""
    claims = _read(world, registry, token, "access_token")
    if claims is None:
        return None
    places = tuple((a["name"], frozenset(a["actions"])) for a in claims["access"] if a["type"] == "repository")
    left_s = int(claims["exp"] - signing.moment(world, claims.get("clk", INSIDE)))
    return Caller(claims["sub"], frozenset(), places, left_s=max(left_s, 0))


def places_of(world: World, token: Resource) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return where a repository token may do what, by its scope map as it is now."""
    id = ArmId.parse(token.properties["scopeMapId"])
    scope_map = world.find(id) or find_system_defined(world, id)
    found: dict[str, set[str]] = {}
    for action in scope_map.properties["actions"] if scope_map else ():
        repository, _, part = action.removeprefix("repositories/").rpartition("/")
        repository, _, kind = repository.rpartition("/")
        found.setdefault(repository, set()).add(PARTS[f"{kind}/{part}"])
    return tuple((repository, frozenset(actions)) for repository, actions in sorted(found.items()))


def _fits(pattern: str, repository: str) -> bool:
    """A star stands for any text, and only at the end of a pattern. A question about `*` is about everything."""
    if pattern.endswith("*"):
        return repository.startswith(pattern[:-1])
    return repository == pattern


def anonymous(registry: Resource) -> Caller | None:
    """Return the anonymous caller, where the registry lets everyone pull."""
    allowed = registry.properties.get("anonymousPullEnabled")
    return Caller("anonymous", frozenset({"pull", "metadata_read"})) if allowed else None


def access_of(world: World, registry: Resource, token: str) -> list[Scope] | None:
    """Return the scopes of an access token; None: it is not valid here."""
    claims = _read(world, registry, token, "access_token")
    return [Scope(a["type"], a["name"], tuple(a["actions"])) for a in claims["access"]] if claims else None


def _signed(
    world: World, registry: Resource, caller: Caller, kind: str, claims: JSON, lifetime_s: int, clock: str
) -> str:
    head = {
        "jti": world.derive("token", registry.id.key, caller.name, kind, repr(world.now)),
        "sub": caller.name,
        "aud": server_of(registry),
        "version": "1.0",
        "rid": world.guid(registry, "registry"),
        "mode": role_mode(world, registry),
    }
    whole = {**head, **claims, "roles": [], "grant_type": kind}
    return signing.sign(world, ISSUER, whole, lifetime_s=lifetime_s, clock=clock)


def _read(world: World, registry: Resource, token: str, kind: str) -> JSON | None:
    claims = signing.verify(world, ISSUER, token, audience=server_of(registry))
    # The audience is only a name; `rid` is the registry that had it when the token was signed.
    now = {"grant_type": kind, "rid": world.guid(registry, "registry"), "mode": role_mode(world, registry)}
    return claims if claims is not None and now.items() <= claims.items() else None
