"""The article twice on one served world: its commands typed into a shell with the real Azure CLI, and `acrlab run`.

Both make everything, let the VM pull, are refused from elsewhere, restore and clean up. Chapters beyond the
article are left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.table import Table

from acrlab.errors import ConfigurationError
from acrlab.serving import azure_cli
from tests.benchmarks import article_commands as article
from tests.benchmarks.measure import NotHere, interleave, ratio
from tests.benchmarks.served_world import ServedWorld

__all__ = ["article_script"]

ACRLAB = f"{sys.executable} -c 'from acrlab.cli.app import main; main()'"
LAST = "08"  # chapter of the article
PREREQUISITES = """\
az acr create --name myregistry --resource-group myResourceGroup --sku Premium
az acr import --name myregistry --source docker.io/library/hello-world:latest --image hello-world:v1"""
ON_THE_VM = "az vm run-command invoke -g myResourceGroup -n myDockerVM --command-id RunShellScript --scripts"
SIGN_IN = """\
principal=$(az vm identity assign -g myResourceGroup -n myDockerVM --query systemAssignedIdentity -o tsv)
az role assignment create --assignee-object-id $principal --assignee-principal-type ServicePrincipal \\
  --role AcrPull --scope $acrID"""
APPROVAL = """\
az network private-endpoint create -n pl -g myResourceGroup --vnet-name myDockerVMVNET --subnet myDockerVMSubnet \\
  --private-connection-resource-id $acrID --group-ids registry --connection-name conn --manual-request
pending="[?privateLinkServiceConnectionState.status=='Pending'].name"
connection=$(az acr private-endpoint-connection list -r myregistry -o tsv --query "$pending")
az acr private-endpoint-connection approve -r myregistry -n $connection
az network private-endpoint delete -n pl -g myResourceGroup"""


def article_script(*, rounds: int = 3) -> Table:
    """Measure the one and the other in turns; each leaves the world as it was."""
    table = Table("what", "seconds, median (lowest-highest)", "az / acrlab", title="The article, on one served world")
    try:
        azure_cli.program()
    except ConfigurationError as problem:
        raise NotHere(f"{problem} `make bench` gets it.") from problem
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        world = ServedWorld(folder / "world.db")
        try:
            arms = {"its az commands": lambda: _script(folder, world), "acrlab run": lambda: _run(folder, world)}
            measured = interleave(arms, rounds=rounds)
        finally:
            world.stop()
    script, run = measured.values()
    table.add_row("its az commands", script.text(), f"{ratio(script, run):.1f}")
    table.add_row("acrlab run", run.text(), "")
    return table


def _script(folder: Path, world: ServedWorld) -> float:
    """Sign in, which is not measured, and type the commands."""
    path = f"{Path(azure_cli.program()).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "HOME": str(folder)}  # `--generate-ssh-keys` writes there
    sign_in = f'eval "$({ACRLAB} emulator env --world {world.path})"'
    clock = "begun=$(date +%s.%N); trap 'echo \"$begun $(date +%s.%N)\" > times' EXIT"
    _call(["bash", "-c", "\n".join((sign_in, clock, "set -e", *_commands()))], folder, variables)
    begun, ended = (folder / "times").read_text().split()
    return float(ended) - float(begun)


def _commands() -> list[str]:
    records = [
        text.replace("<region>", "westus")
        for text in (article.RECORD, article.DATA_RECORD, article.ADD, article.DATA_ADD)
    ]
    return [
        article.GROUP,
        PREREQUISITES,
        article.VM,
        article.REGISTRY_ID,
        SIGN_IN,
        f"{ON_THE_VM} 'sudo apt-get update' 'sudo apt install docker.io -y' 'sudo docker run hello-world'",
        f"{ON_THE_VM} 'curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash'",
        article.NETWORKS,
        article.POLICIES,
        article.ZONE,
        article.LINK,
        article.ENDPOINT,
        article.INTERFACE,
        article.ADDRESS,
        article.DATA_ADDRESS,
        *records,
        APPROVAL,
        article.DENY,
        f"{ON_THE_VM} 'az login --identity' '{article.LOGIN}' '{article.PULL}'",
        f"! {article.LOGIN} --expose-token",
        article.ALLOW,
        f"{article.DELETE} --yes",
    ]


def _run(folder: Path, world: ServedWorld) -> float:
    begun = time.perf_counter()
    words = [sys.executable, "-c", "from acrlab.cli.app import main; main()", "run", "--to", LAST, "--world"]
    _call([*words, str(world.path), "--out", str(folder / "runs")], folder, dict(os.environ))
    return time.perf_counter() - begun


def _call(words: list[str], folder: Path, variables: dict[str, str]) -> None:
    done = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
