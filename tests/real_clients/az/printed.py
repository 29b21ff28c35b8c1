"""Every `az` line that the project prints, and where the suites type it.

A **line** is a whole command, in a block or in what a cell shows: it has to be typed as it stands, but for the
registry's name. A **mention** is a command with options inside a sentence: some typed line has to have those options.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from acrlab.course.sections import SECTIONS
from acrlab.course.tasks.table import TASKS
from acrlab.handouts.cheat_sheet import commands
from acrlab.settings import Settings
from tests.benchmarks import todays_commands
from tests.benchmarks.article_commands import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = Settings.from_parameters(registry_name="myregistry")
LINE = re.compile(r"^[\s>]*(?:type\s+)?(?:acrlab )?((?:\w+=\$\()?az [a-z].*?)\s*(?:\s#.*)?$", re.MULTILINE)
MENTION = re.compile(r"\baz((?: [a-z][a-z-]+)+)((?: --[a-z][a-z-]*(?:[ =](?!--|\$\()[^\s`,;)]+)?)+)")
OWN_NAME = re.compile(r"\bmyregistry[0-9a-f]{8}\b")

# Printed once each, beside the tables of sections, tasks and the cheat sheet; test_printed types them at their place.
LINK_FALLS_BACK = (
    "az network private-dns link vnet update --resource-group myResourceGroup --zone-name privatelink.azurecr.io "
    "--name MyDNSLink --resolution-policy NxDomainRedirect"
)
RECORD_LOST = (
    "az network private-dns record-set a delete --resource-group myResourceGroup --zone-name privatelink.azurecr.io "
    "--name myregistry.westus.data --yes"
)
CHOOSE = "az account set --subscription ID"
TASKS_PASS = (
    "az resource update --ids ID --api-version 2025-05-01-preview "
    "--set properties.networkRuleBypassAllowedForTasks=true"
)
HEALTH = "az acr check-health --name myregistry --vnet myDockerVMVNET --yes --ignore-errors"
LISTED = "az acr list --output table"
SCOPE_MAP = "az acr scope-map show --registry myregistry --name _repositories_pull"
CLOUD = "az cloud set --name AzureCloud"
SCOPED = "az acr create --name scopedregistry --resource-group myResourceGroup --sku Premium --dnl-scope TenantReuse"
BY_HAND = (SCOPED, LINK_FALLS_BACK, RECORD_LOST, CHOOSE, TASKS_PASS, HEALTH, LISTED, SCOPE_MAP, CLOUD)

# What the doctor prints for findings that no fault of the practice brings about; test_doctor_commands types them.
IN_GROUP = "--resource-group myResourceGroup"
SUBNET_ID = f"$(az network vnet subnet show {IN_GROUP} --vnet-name n --name s --query id --output tsv)"
RANGE = "10.9.0.0/24"
PEERING = f"{IN_GROUP} --vnet-name n --name n-to-myDockerVMVNET"
DOCTOR = (
    f"az acr update {IN_GROUP} --name myregistry",
    f"az acr update {IN_GROUP} --name myregistry --sku Premium",
    f"az acr update {IN_GROUP} --name myregistry --public-network-enabled false",
    f"az acr update {IN_GROUP} --name myregistry --public-network-enabled true",
    f"az acr update {IN_GROUP} --name myregistry --default-action Allow",
    f"az acr update {IN_GROUP} --name myregistry --allow-trusted-services true",
    f"az acr replication delete {IN_GROUP} --registry myregistry --name eastus",
    "az network private-endpoint-connection list --id $(az acr show --name myregistry --query id --output tsv)",
    f"az network vnet create {IN_GROUP} --name n --address-prefixes {RANGE} --subnet-name s --subnet-prefixes {RANGE}",
    f"az network vnet subnet update --private-endpoint-network-policies Disabled --ids {SUBNET_ID}",
    f"az network nic update {IN_GROUP} --name myDockerVMVMNic --dns-servers '[]'",
    f"az network vnet update {IN_GROUP} --name myDockerVMVNET --dns-servers '[]'",
    f"az network vnet peering create {PEERING} --remote-vnet myDockerVMVNET --allow-vnet-access",
    f"az network vnet peering update {PEERING} --set allowVirtualNetworkAccess=true",
    f"az network vnet peering sync {PEERING}",
    f"az network vnet peering delete {PEERING}",
    f"az network route-table route delete {IN_GROUP} --route-table-name t --name away",
    f"az vm restart {IN_GROUP} --name myDockerVM",
    f"az vm start {IN_GROUP} --name myDockerVM",
    f"az vm identity assign {IN_GROUP} --name myDockerVM",
)
# What chapter 13 shows beside its tasks; test_doctor_commands types it after the doctor's.
REGIONS = (
    "az acr replication create --registry myregistry --location eastus",
    "az acr update --name myregistry --regional-endpoints Enabled",
    "az acr show-endpoints --name myregistry",
)
# What chapter 15 shows beside its tasks; test_tasks_of_a_registry and test_repository_permissions type it.
BUILD = "az acr build --registry $REGISTRY_NAME --image site:v1 ."
POOL = "az acr agentpool create --registry $REGISTRY_NAME --name pool1 --tier S1 --subnet-id $SUBNET_ID"
BUILD_IN_THE_POOL = "az acr build --registry $REGISTRY_NAME --agent-pool pool1 --image site:v3 ."
POOL_REGIONS = (
    "az provider show --namespace Microsoft.ContainerRegistry --output tsv "
    "--query \"resourceTypes[?resourceType=='registries/agentPools'].locations[]\""
)
LOGS = "az acr task logs --registry $REGISTRY_NAME --run-id"
TAGS = "az network list-service-tags --location eastus"
BY_REPOSITORY = "az acr update --name $REGISTRY_NAME --role-assignment-mode rbac-abac"
CLOSED = (BUILD, POOL, BUILD_IN_THE_POOL, POOL_REGIONS, LOGS, f"{TAGS} --query values", BY_REPOSITORY)
# In messages; test_subscriptions, test_aks and test_repository_permissions type them.
PROVIDER = "az provider register --namespace Microsoft.ContainerRegistry --subscription Partner --wait"
REFRESH = "az account list --refresh"
ATTACH = "az aks update --resource-group clusters --name k --attach-acr"
DETACH = "az aks update --resource-group clusters --name k --detach-acr"
TAGS_OF = "az acr repository show-tags --name abacregistry --repository hello-world"
MESSAGES = (PROVIDER, REFRESH, ATTACH, DETACH, TAGS_OF)

# Typed by another suite, as its text shows.
ELSEWHERE = {
    "az login --use-device-code": "test_sign_in.py",
    "az login --service-principal -u $AZURE_CLIENT_ID --password=$AZURE_CLIENT_SECRET --tenant $AZURE_TENANT_ID": (
        "test_sign_in.py"
    ),
    "az role assignment list --scope": "test_class_rights.py",
}
# Scripts that a module writes: another suite runs them whole. What they ask Microsoft Graph is not emulated.
SCRIPTS = {"acrlab/classroom/rights.py": ("test_class_rights.py", "rights-give.sh", "rights-take.sh")}
# Not typed by any suite, and why not.
NOT_TYPED = {
    "az login": "it opens a browser, in which a person signs in to the real Azure",
    "az aks check-acr --acr NAME.azurecr.io": "it needs kubectl and an API server; the emulated VM's own az has it",
}


def normal(line: str) -> str:
    """Write a command one way: one space between words, and the article's name for the registry."""
    return " ".join(OWN_NAME.sub("myregistry", line).replace("\\\n", " ").split())


def lines(text: str) -> Iterator[str]:
    """The commands in a text that stand in lines of their own."""
    joined = re.sub(r"\\\n[\s>]*", " ", text)
    return (normal(found[1]) for found in LINE.finditer(joined))


def shape(command: str) -> tuple[str, frozenset[str]]:
    """What a command does and with which options; not with which values."""
    words = shlex.split(command.partition("$(")[2].rstrip(")") if re.match(r"\w+=\$\(", command) else command)
    verbs = " ".join(words[1:]).partition(" -")[0]
    return verbs, frozenset(word.partition("=")[0] for word in words if word.startswith("--"))


def sections() -> dict[str, str]:
    """Each section's commands, and the lab's own, in the course's order."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        for name, text in ((section.name, section.az.text), *section.own.items()):
            if text:
                found[name] = text.strip().format(**SETTINGS.names())
    return found


def typed() -> set[str]:
    """What the suites type with the real `az`: those named test_printed, _tasks, _cheat_sheet, and of the articles."""
    tasks = [task.az.format(**SETTINGS.names()) for task in TASKS]
    articles = (*COMMANDS, *todays_commands.COMMANDS)
    own = (*BY_HAND, *DOCTOR, *REGIONS, *CLOSED, *MESSAGES, *ELSEWHERE)
    texts: Iterable[str] = (*sections().values(), *tasks, *commands(SETTINGS), *articles, *own)
    return {line for text in texts for line in lines(text)}


def pages() -> Iterator[tuple[str, str]]:
    """Each text that a reader sees, with where it is: documents, and notebooks with what their cells show."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))):
        yield path.name, path.read_text("utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield path.name, "".join(cell["source"])
            for output in cell.get("outputs", ()):
                yield path.name, "".join(output.get("data", {}).get("text/plain", ()))


def strings() -> Iterator[tuple[str, str]]:
    """Each string of the library, where messages, hints and help are; a value in it is an X."""
    for path in sorted((ROOT / "acrlab").rglob("*.py")):
        place = path.relative_to(ROOT)
        if "emulator" not in place.parts and place.as_posix() not in SCRIPTS:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    yield path.name, "".join(str(v.value) if isinstance(v, ast.Constant) else "X" for v in node.values)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path.name, node.value


def of_the_doctor() -> Iterator[tuple[str, tuple[str, frozenset[str]]]]:
    """Each command that a check of the doctor writes, with where; its values are what was seen."""
    for path in sorted((ROOT / "acrlab" / "doctor" / "checks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("az", "az.az"):
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                options = (f"--{one.arg.replace('_', '-')}" for one in node.keywords if one.arg)
                yield f"{path.name}:{node.lineno}", (str(node.args[0].value), frozenset(options))


def mentions(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for found in MENTION.finditer(re.sub(r"\\\n\s*", " ", text)):
        yield found[1].strip(), frozenset(re.findall(r" (--[a-z][a-z-]*)", found[2]))


def covered(mention: tuple[str, frozenset[str]], shapes: Mapping[str, list[frozenset[str]]]) -> bool:
    """Whether one typed line is that command with at least those options."""
    verbs, options = mention
    return any(options <= had for had in shapes.get(verbs, ()))
