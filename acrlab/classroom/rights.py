"""The rights of a class on subscriptions that it shares: scripts for `az` that give and take them.

Each learner gets a custom role with the actions that the chapters need, on their own resource groups alone, and one on
the subscription that reads what belongs to no group. What is written is always the same, so a script can be run again.
"""

from __future__ import annotations

import json
import shlex
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acrlab.classroom.roster import Learner
from acrlab.errors import ConfigurationError
from acrlab.lab.ownership import OWNER
from acrlab.preflight.rights import NEEDED_RIGHTS
from acrlab.settings import Settings
from acrlab.steps.prerequisites import PROVIDERS

GIVE, TAKE = "rights-give.sh", "rights-take.sh"
READ = "*/read"  # in the learner's own groups
# What chapters read of a subscription, and what belongs to no group.
ON_SUBSCRIPTION = (
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/locations/read",
    "Microsoft.Resources/subscriptions/providers/read",
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Compute/locations/usages/read",
    "Microsoft.Compute/skus/read",
    "Microsoft.ContainerRegistry/checkNameAvailability/read",
    "Microsoft.Network/locations/usages/read",
)
FUNCTIONS = """\
failed=""
there() { # NAME SCOPE: says something where a custom role is there
  az role definition list --custom-role-only true --name "$1" --scope "$2" --query '[].name' -o tsv
}
define() { # NAME SCOPE DEFINITION: makes a role, or makes it what it has to be, and waits until Azure finds it
  local verb=create
  [ -z "$(there "$1" "$2")" ] || verb=update
  az role definition $verb --role-definition "$3" -o none
  for _ in $(seq 60); do
    [ -z "$(there "$1" "$2")" ] || return 0
    sleep 5
  done
  echo "The role $1 is not there after five minutes. Run this again." >&2
  return 1
}
group() { # SUBSCRIPTION NAME LOCATION OWNER TAG...: makes a group; one of another owner is not touched
  local subscription=$1 name=$2 location=$3 owner=$4 there whose
  shift 4
  there=$(az group exists --subscription "$subscription" -n "$name") || return 1
  if [ "$there" = false ]; then
    az group create --subscription "$subscription" -n "$name" -l "$location" --tags "$@" -o none
    return
  fi
  whose=$(az group show --subscription "$subscription" -n "$name" --query 'tags."acrlab-owner"' -o tsv) || return 1
  [ "$whose" != "$owner" ] || return 0
  echo "The group $name is there and is not $owner's (acrlab-owner: ${whose:-none}). Choose another --prefix." >&2
  return 1
}
give() { # ROLE PRINCIPAL SCOPE NAME: assigns a role; the same assignment can be made again
  az role assignment create --role "$1" --assignee-object-id "$2" --assignee-principal-type User --scope "$3" \\
    --name "$4" -o none
}
"""
DROP = """\
drop() { # SUBSCRIPTION NAME OWNER: deletes a group of that owner's with nothing in it
  local whose
  [ "$(az group exists --subscription "$1" -n "$2")" = true ] || return 0
  whose=$(az group show --subscription "$1" -n "$2" --query 'tags."acrlab-owner"' -o tsv)
  if [ "$whose" != "$3" ] || [ -n "$(az resource list --subscription "$1" -g "$2" --query '[].id' -o tsv)" ]; then
    echo "The group $2 stays: something is in it, or it is not $3's." >&2
    return 0
  fi
  az group delete --subscription "$1" -n "$2" --yes
}
"""
END = """\
if [ -n "$failed" ]; then
  echo "Not done:$failed. See above, then run this again." >&2
  exit 1
fi
"""


@dataclass(frozen=True)
class Holder:
    """A learner with the settings of their lab, on a real subscription."""

    learner: Learner
    settings: Settings

    @property
    def groups(self) -> tuple[str, str]:
        """The learner's resource groups: the lab's, and chapter 05's."""
        return self.settings.resource_group, self.settings.portal_resource_group


def actions() -> list[str]:
    """Return what a learner may do in their own groups: what docs/reference/rights.md has for a group, and reading.

    Providers are registered for all by the script. The groups stay the class's: a right on a group would go with it.
    """
    needed = {action for actions in NEEDED_RIGHTS.values() for action in actions}
    return [READ, *sorted(one for one in needed if not one.endswith(("/register/action", "/resourceGroups/delete")))]


def write_scripts(holders: Sequence[Holder], out: Path) -> tuple[Path, Path]:
    """Write the script that gives the rights, and the one that takes them away.

    Raises: ConfigurationError: a learner has no identity in the roster, or is not on a real subscription; or the
        folder can't be written.
    """
    for holder in holders:
        _require_identity(holder)
    give, take = out / GIVE, out / TAKE
    try:
        give.write_text("\n".join(_given(holders)), "utf-8")
        take.write_text("\n".join(_taken(holders)), "utf-8")
    except OSError as problem:
        raise ConfigurationError("--out", f"{out} can't be written: {problem.strerror}.") from problem
    return give, take


def _require_identity(holder: Holder) -> None:
    learner = holder.learner
    if holder.settings.backend != "azure":
        message = f"{learner.id}'s lab is on the emulated Azure, where each has their own. Plan with --backend azure."
        raise ConfigurationError("--out", message)
    if not learner.object_id and not learner.sign_in:
        message = f"{learner.id} has neither object_id nor sign_in, so no rights can be given. Fill in one of them."
        raise ConfigurationError("roster", message)


def _given(holders: Sequence[Holder]) -> Iterator[str]:
    yield from _head("Gives each learner the rights of the chapters on their own resource groups, and nothing else")
    yield FUNCTIONS
    scopes = _subscriptions(holders)
    for subscription in scopes:
        for namespace in PROVIDERS:
            yield f"az provider register --subscription {shlex.quote(subscription)} -n {namespace} --wait -o none"
    for name, allowed in _roles(holders).items():
        words = (name, _scope(scopes[0]), _definition(name, allowed, scopes))
        yield f"define {' '.join(map(shlex.quote, words))}"
    for holder in holders:
        yield ""
        yield " &&\n  ".join(_steps(holder)) + f' ||\n  failed="$failed {holder.learner.id}"'
    yield ""
    yield END


def _steps(holder: Holder) -> Iterator[str]:
    """What is done for a learner, one after the other; what fails ends it for this learner alone."""
    learner, settings = holder.learner, holder.settings
    yield f"echo {learner.id}"
    yield f"principal={_principal(learner)}"
    tags = [f"{key}={value}" for key, value in _tags(holder).items()]
    for name in holder.groups:
        words = (settings.subscription, name, settings.location, learner.id, *tags)
        yield f"group {' '.join(map(shlex.quote, words))}"
    for role, scope in _assigned(holder):
        yield f'give {shlex.quote(role)} "$principal" {shlex.quote(scope)} {_name(holder, role, scope)}'


def _taken(holders: Sequence[Holder]) -> Iterator[str]:
    yield from _head("Takes the rights of all learners away, and their groups where nothing is left in them")
    yield DROP
    for holder in holders:
        yield f"echo {holder.learner.id}"
        for role, scope in _assigned(holder):
            id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{_name(holder, role, scope)}"
            yield f"az role assignment delete --ids {shlex.quote(id)}"
        for name in holder.groups:
            yield f"drop {' '.join(map(shlex.quote, (holder.settings.subscription, name, holder.learner.id)))}"
    for name in _roles(holders):
        scope = shlex.quote(_scope(_subscriptions(holders)[0]))
        yield f"az role definition delete --custom-role-only true --name {shlex.quote(name)} --scope {scope}"
    yield ""


def _head(what: str) -> Iterator[str]:
    yield "#!/usr/bin/env bash"
    yield f"# {what}."
    yield "# Made by `acrlab class rights`, for those who may define and assign roles there. It can be run again."
    yield "set -euo pipefail"
    yield ""


def _roles(holders: Sequence[Holder]) -> dict[str, list[str]]:
    """Name of a role -> what it allows."""
    return {_learner_role(holders[0]): actions(), _reader_role(holders[0]): list(ON_SUBSCRIPTION)}


def _assigned(holder: Holder) -> Iterator[tuple[str, str]]:
    """Which roles a learner has, and at which scopes."""
    scope = _scope(holder.settings.subscription)
    yield _reader_role(holder), scope
    for name in holder.groups:
        yield _learner_role(holder), f"{scope}/resourceGroups/{name}"


def _definition(name: str, allowed: Sequence[str], subscriptions: Sequence[str]) -> str:
    """A role as `az role definition create` reads it."""
    return json.dumps(
        {
            "Name": name,
            "IsCustom": True,
            "Description": "Made by acrlab class rights.",
            "Actions": list(allowed),
            "NotActions": [],
            "DataActions": [],
            "NotDataActions": [],
            "AssignableScopes": [_scope(one) for one in subscriptions],
        }
    )


def _learner_role(holder: Holder) -> str:
    return f"{_class(holder)} learner"


def _reader_role(holder: Holder) -> str:
    return f"{_class(holder)} class"


def _class(holder: Holder) -> str:
    return holder.settings.own_tags().get("class", "acrlab")


def _tags(holder: Holder) -> dict[str, str]:
    """Whose a group is. It lacks the lab's own tag, so the chapters delete what is in it and leave the group."""
    return {**holder.settings.own_tags(), OWNER: holder.learner.id}


def _principal(learner: Learner) -> str:
    if learner.object_id:
        return learner.object_id
    return f'"$(az ad user show --id {shlex.quote(learner.sign_in)} --query id -o tsv)"'


def _name(holder: Holder, role: str, scope: str) -> str:
    """The assignment's own name: the same every time, so that it is made once and found again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}/{role}/{holder.learner.id}".lower()))


def _scope(subscription: str) -> str:
    return f"/subscriptions/{subscription}"


def _subscriptions(holders: Sequence[Holder]) -> list[str]:
    return list(dict.fromkeys(holder.settings.subscription for holder in holders))
