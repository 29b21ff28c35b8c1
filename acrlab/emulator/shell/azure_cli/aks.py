"""`az aks check-acr`: the cluster's credentials from Resource Manager, then a pod on a node that asks the registry.

Source: https://learn.microsoft.com/cli/azure/aks#az-aks-check-acr
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.shell.azure_cli.account import NOT_SIGNED_IN, AzProblem, Profile
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.process import Process

TYPE, VERSION = "Microsoft.ContainerService/managedClusters", "2026-06-01"


def check_acr(process: Process, given: Options) -> None:
    """Print what the pod on the node says. Raises: AzProblem."""
    group, name = given.value("-g", "--resource-group"), given.value("-n", "--name")
    registry = given.value("--acr")
    missing = [
        option
        for option, value in (("--resource-group/-g", group), ("--name/-n", name), ("--acr", registry))
        if not value
    ]
    if missing:
        raise AzProblem(f"the following arguments are required: {', '.join(missing)}", status=2)
    account = Profile(process).account
    if account is None:
        raise AzProblem(NOT_SIGNED_IN)
    id = ArmId(str(ArmId.of_group(account["id"], group)), TYPE, (name,))
    _require_credentials(process, id)
    process.warn(f'WARNING: Merged "{name}" as current context in a temporary file')
    status, text = process.vm.world.perform("check_acr", id, registry)
    if not text:
        raise AzProblem("Failed to check the ACR.")
    if status:
        raise AzProblem(
            f"Failed to check the ACR: Command '['kubectl', 'run', …]' returned non-zero exit status {status}. "
            f"Command output: {text}"
        )
    process.print(text, end="")


def _require_credentials(process: Process, id: ArmId) -> None:
    """Fetch the kubeconfig: who may not have it asks nothing of the cluster. Raises: AzProblem."""
    token = Profile(process).token(f"{MANAGEMENT}/")
    url = f"{MANAGEMENT}{id}/listClusterUserCredential?{urlencode({'api-version': VERSION})}"
    try:
        answer = process.vm.fetch("POST", url, {"Authorization": f"Bearer {token}"})
    except Unreachable as problem:
        raise AzProblem(f"HTTPSConnectionPool(host='management.azure.com'): {problem.reason}") from problem
    if answer.status != 200:
        error = json.loads(answer.raw)["error"]
        raise AzProblem(f"({error['code']}) {error['message']}\nCode: {error['code']}\nMessage: {error['message']}")
