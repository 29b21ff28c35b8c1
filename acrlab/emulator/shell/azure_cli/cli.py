"""`az`: signs in with the VM's own identity, and knows whom it signed in. `az acr` stands in `acr`.

Source: texts and order of requests of the real CLI, https://github.com/Azure/azure-cli
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from acrlab.azure.cloud import MANAGEMENT, MANAGEMENT_HOST
from acrlab.emulator.core.http import JSON, Unreachable
from acrlab.emulator.shell.azure_cli import acr, aks, check_health
from acrlab.emulator.shell.azure_cli.account import NAMED_BY, NOT_SIGNED_IN, AzProblem, Profile
from acrlab.emulator.shell.azure_cli.query import NoQuery, find
from acrlab.emulator.shell.commands.options import Options, UnknownOption, take
from acrlab.emulator.shell.process import Process, programs

VERSIONS: JSON = {"azure-cli": "2.91.0", "azure-cli-core": "2.91.0", "azure-cli-telemetry": "1.1.0", "extensions": {}}
GLOBAL_FLAGS, GLOBAL_VALUED = "--only-show-errors --debug --verbose -h --help", "-o --output --query --subscription"


def az(process: Process) -> int:
    words = [w for w in process.args if w != "--only-show-errors"]
    if words[:1] in (["--version"], ["-v"]):
        process.print(f"azure-cli                         {VERSIONS['azure-cli']}")
        return 0
    for name, (run, flags, valued) in COMMANDS.items():
        length = len(name.split())
        if " ".join(words[:length]) == name:
            return _run(process, name, words[length:], run, flags, valued)
    asked = " ".join(w for w in words[:3] if not w.startswith("-"))
    supported = ", ".join(f"az {name}" for name in COMMANDS)
    process.warn(f"ERROR: not emulated: az {asked}; supported on the VM: {supported}")
    return 1


Run = Callable[[Process, Options], JSON | list[JSON] | None]


def _run(process: Process, name: str, words: list[str], run: Run, flags: str, valued: str) -> int:
    try:
        given = take(words, f"{flags} {GLOBAL_FLAGS}", f"{valued} {GLOBAL_VALUED}")
        for option in ("--subscription", "-h", "--help", "--debug", "--verbose"):
            if given.has(option) or given.value(option):
                raise UnknownOption(option)
        query = given.value("--query")
        find({}, query or "all")  # before anything is done
        answer = run(process, given)
        if answer is not None:
            shown = find(answer, query) if query else answer
            _show(process, shown, given.value("-o", "--output", default="json"))
    except NoQuery as problem:
        process.warn(f"ERROR: az {name}: not emulated: --query {problem}; supported: names, [N] and []")
        return 2
    except UnknownOption as problem:
        process.warn(f"ERROR: az {name}: option {problem} is unknown, not emulated, or has no value")
        return 2
    except AzProblem as problem:
        process.warn(f"ERROR: {problem}")
        return problem.status
    return 0


def _show(process: Process, answer: Any, form: str) -> None:
    if form == "json":
        if answer is not None:
            process.print(json.dumps(answer, indent=2))
    elif form == "tsv":
        for row in answer if isinstance(answer, list) else [answer]:
            values = row.values() if isinstance(row, dict) else [row]
            process.print("\t".join(_cell(value) for value in values))
    elif form != "none":
        raise UnknownOption(f"--output {form}")


def _cell(value: Any) -> str:
    """One value in a line of `tsv`. Source: knack's output.py"""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def version(process: Process, given: Options) -> JSON:
    return VERSIONS


# -- signing in ------------------------------------------------------------------------------------------------------


def log_in(process: Process, given: Options) -> list[JSON]:
    """Sign in (`az login --identity`): a token from the metadata service, then the subscriptions that it opens."""
    if not given.has("--identity", "-i"):
        raise AzProblem("not emulated: az login without --identity; this VM has no browser")
    profile = Profile(process)
    kind, id = _identity(given)
    token = profile.token(f"{MANAGEMENT}/", {NAMED_BY[kind]: id} if id else {})
    found = _subscriptions(process, token)
    if not found and not given.has("--allow-no-subscriptions"):
        message = "No access was configured for the managed identity, hence no subscriptions were found."
        raise AzProblem(f"{message} If this is expected, use '--allow-no-subscriptions' to have tenant level access.")
    tenant = process.vm.tenant
    tenant_level = {"subscriptionId": tenant, "displayName": "N/A(tenant level account)", "tenantId": tenant}
    user = {
        "assignedIdentityInfo": f"{kind}-{id}" if id else "MSI",
        "name": "userAssignedIdentity" if id else "systemAssignedIdentity",
        "type": "servicePrincipal",
    }
    accounts = [_account(s, index == 0, user) for index, s in enumerate(found or [tenant_level])]
    profile.keep(accounts)
    return accounts


def _identity(given: Options) -> tuple[str, str]:
    """Which of the VM's identities is to sign in, as the profile remembers it; no id: the VM's own, or its only one."""
    for kind, option in (("MSIClient", "--client-id"), ("MSIObject", "--object-id"), ("MSIResource", "--resource-id")):
        if id := given.value(option):
            return kind, id
    return "MSI", ""


def _subscriptions(process: Process, token: str) -> list[JSON]:
    url = f"{MANAGEMENT}/subscriptions?{urlencode({'api-version': '2022-12-01'})}"
    try:
        answer = process.vm.fetch("GET", url, {"Authorization": f"Bearer {token}"})
    except Unreachable as problem:
        cause = "Failed to resolve" if problem.reason == "no such host" else problem.reason
        raise AzProblem(
            f"HTTPSConnectionPool(host='{MANAGEMENT_HOST}', port=443): Max retries exceeded with url: "
            f"/subscriptions?api-version=2022-12-01 ({cause})"
        ) from problem
    body = json.loads(answer.raw)
    if answer.status != 200:
        raise AzProblem(f"({body['error']['code']}) {body['error']['message']}")
    found: list[JSON] = body["value"]
    return found


def _account(subscription: JSON, default: bool, user: JSON) -> JSON:
    return {
        "environmentName": "AzureCloud",
        "homeTenantId": subscription["tenantId"],
        "id": subscription["subscriptionId"],
        "isDefault": default,
        "managedByTenants": [],
        "name": subscription["displayName"],
        "state": subscription.get("state", "Enabled"),
        "tenantId": subscription["tenantId"],
        "user": user,
    }


def log_out(process: Process, given: Options) -> None:
    if not Profile(process).forget():
        raise AzProblem("There are no active accounts.")


def show_account(process: Process, given: Options) -> JSON:
    account = Profile(process).account
    if account is None:
        raise AzProblem(NOT_SIGNED_IN)
    return account


COMMANDS: dict[str, tuple[Run, str, str]] = {
    "version": (version, "", ""),
    "login": (log_in, "--identity -i --allow-no-subscriptions", "--client-id --object-id --resource-id"),
    "logout": (log_out, "", ""),
    "account show": (show_account, "", ""),
    "acr login": (acr.log_in, "--expose-token -t", "-n --name -u --username -p --password --suffix --endpoint"),
    "aks check-acr": (aks.check_acr, "", "-g --resource-group -n --name --acr"),
    "acr check-health": (check_health.check, "--yes -y --ignore-errors", "-n --name --vnet"),
}
AZURE_CLI = programs("azure-cli", az=az)
