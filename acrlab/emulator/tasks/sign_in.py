"""With what a run signs in to a registry: the service's own token, an identity, or user name and password.

The source registry, whose run it is, gives the service a token of its own, unless it asks for repository permissions:
then a run has no more right to content than the identity that it was given.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-tasks-authentication-managed-identity
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from acrlab.azure.cloud import REGISTRY_AUDIENCE
from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles, tokens
from acrlab.emulator.registry.tokens import NULL_USER, Caller, refresh_token
from acrlab.emulator.shell.docker.client import Client, DockerProblem, told
from acrlab.emulator.tasks.agent import Agent
from acrlab.emulator.types import identity
from acrlab.emulator.types.container_registry.registry_rules import asks_for_repositories, server_of

CALLER, SYSTEM = "[caller]", "[system]"
NO_TERMINAL = "Error: Cannot perform an interactive login from a non TTY device"  # what a token that is none leads to


@dataclass(frozen=True)
class Login:
    """What a run shows to one registry.

    Attributes:
        host: of the registry.
        credential: `user:password`; empty where it has to be fetched for `principal`.
        principal: the identity that signs in; empty: none does.
        trusted: it is the task's own identity, with which tasks may pass as a trusted service.
    """

    host: str
    credential: str = ""
    principal: str = ""
    trusted: bool = False


class NoLogin(Exception):
    """A run can't sign in to a registry, with what docker says of it."""


def logins(world: World, registry: Resource, run: Resource) -> list[Login]:
    """Return what a run has for which registries, the source registry first."""
    step, task = run.state["step"], _task(world, registry, run)
    credentials = step.get("credentials") or {}
    source = credentials.get("sourceRegistry") or {}
    custom: JSON = credentials.get("customRegistries") or {}
    found = {host.lower(): _custom(world, task, host, told) for host, told in custom.items() if told}
    own = server_of(registry)
    if own not in found:
        found |= {login.host: login for login in _source(world, registry, run, task, source)}
    return sorted(found.values(), key=lambda login: login.host != own)


def _source(world: World, registry: Resource, run: Resource, task: Resource | None, source: JSON) -> list[Login]:
    host = server_of(registry)
    if asks_for_repositories(world, registry):
        named = str(source.get("identity") or "")
        if not named:
            return []
        principal = run.state["caller"] if named == CALLER else _principal(world, task, named)
        return [Login(host, principal=principal, trusted=named == SYSTEM)]
    if source.get("loginMode") == "None":
        return []
    whole = Caller("acr-tasks", roles.EVERYTHING)
    return [Login(host, credential=f"{NULL_USER}:{refresh_token(world, registry, whole)}")]


def _custom(world: World, task: Resource | None, host: str, told: JSON) -> Login:
    if named := str(told.get("identity") or ""):
        return Login(host.lower(), principal=_principal(world, task, named), trusted=named == SYSTEM)
    parts = [told.get(part) or {} for part in ("userName", "password")]
    if any(part.get("type", "Opaque") != "Opaque" for part in parts):
        raise NotEmulated("credentials of a run from a key vault", supported="an identity, or Opaque")
    return Login(host.lower(), credential=":".join(str(part.get("value", "")) for part in parts))


def _task(world: World, registry: Resource, run: Resource) -> Resource | None:
    return world.find(registry.id.child("tasks", run.state["task"])) if run.state["task"] else None


def _principal(world: World, task: Resource | None, named: str) -> str:
    """The principal of an identity of a task; empty: it has no such identity."""
    if task is None:
        return ""
    if named == SYSTEM:
        return identity.principal_of(world, task) if identity.has_own(task) else ""
    others = [found for _, found in identity.given(world, task) if found is not None]
    same = (one for one in others if identity.client_of(world, one).lower() == named.lower())
    return next((identity.principal_of(world, one) for one in same), "")


def sign_in(agent: Agent, login: Login) -> Client:
    """Sign in as docker does. Raises: NoLogin: the registry is not reached, or does not want it."""
    machine = agent.trusted() if login.trusted else agent
    try:
        credential = login.credential or _exchanged(machine, login)
        client = Client(machine, login.host, credential)
        client.log_in()
    except DockerProblem as problem:
        raise NoLogin(f"Error response from daemon: {problem}") from problem
    return client


def _exchanged(agent: Agent, login: Login) -> str:
    """Fetch what stands for an identity. Raises: DockerProblem: no answer, or a refusal; NoLogin: no such identity."""
    answer = Client(agent, login.host).ping()
    if answer.status not in (200, 401):
        raise DockerProblem(f'Get "https://{login.host}/v2/": {told(answer)}')
    if not login.principal:
        raise NoLogin(NO_TERMINAL)
    world = agent.delivery.world
    token = tokens.issue(world, login.principal, REGISTRY_AUDIENCE, kind="app")
    form = urlencode({"grant_type": "access_token", "service": login.host, "access_token": token})
    answer = agent.fetch("POST", f"https://{login.host}/oauth2/exchange", _FORM, form.encode())
    if answer.status != 200:
        raise NoLogin(NO_TERMINAL)
    return f"{NULL_USER}:{json.loads(answer.raw)['refresh_token']}"


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
