"""To keep beside the keyboard: the four answers, the five parts, what to ask in which order; and a page on hubs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from acrlab.runs.notebooks import Notebook
from acrlab.settings import Settings

NAME, TITLE = "cheat-sheet", "Cheat sheet"
# Heading of chapter 00 -> heading on the sheet
TAKEN = {
    "One question has four answers": "Where a name leads",
    "A private link has five parts, and you can inspect each one": "The five parts",
}


@dataclass(frozen=True)
class Question:
    """What to ask when a pull fails.

    Attributes:
        hop: of the way to the registry, as the doctor names it.
        command: to type, with the settings' names in braces; `az` on any computer, all else on the VM.
        good: what a working link answers.
    """

    hop: str
    command: str
    good: str


# In the doctor's order: each is worth asking only where the ones before are as they should be.
QUESTIONS = (
    Question("registry", "az acr show --name {registry_name} --query sku.name", "Premium"),
    Question(
        "endpoint",
        "az network private-endpoint show --resource-group {resource_group} --name {endpoint_name} "
        "--query provisioningState",
        "Succeeded",
    ),
    Question(
        "endpoint",
        "az acr private-endpoint-connection list --registry-name {registry_name} "
        '--query "[].privateLinkServiceConnectionState.status"',
        "Approved",
    ),
    Question(
        "zone",
        "az network private-dns link vnet list --resource-group {resource_group} --zone-name {zone_name} "
        '--query "[].virtualNetwork.id"',
        "the VM's network is among them",
    ),
    Question(
        "records",
        "az network private-dns record-set a list --resource-group {resource_group} --zone-name {zone_name} "
        '--query "[].[name, aRecords[0].ipv4Address]" --output tsv',
        "two names, with the endpoint's addresses",
    ),
    Question(
        "resolver", "resolvectl flush-caches; dig +short {login_server}", "an address of your network, at the end"
    ),
    Question("resolver", "dig +short {registry_name}.{location}.data.azurecr.io", "another address of your network"),
    Question(
        "traffic",
        "curl --silent --max-time 5 --output /dev/null --write-out '%{{http_code}}' https://{login_server}/v2/",
        "401: reached, sign in first. 403: reached from the wrong side. Nothing: dropped on the way",
    ),
    Question(
        "access",
        'az acr show --name {registry_name} --query "[publicNetworkAccess, networkRuleSet.defaultAction]" --output tsv',
        "what was meant: Disabled, or Enabled and Deny, closes it",
    ),
    Question(
        "image",
        "az login --identity && az acr login --name {registry_name} && docker pull {login_server}/{image}",
        "Status: Downloaded newer image",
    ),
)

# For networks that meet in a hub, and registries with several regions: chapters 13 and 14.
HUB = (
    Question(
        "peering",
        "az network vnet peering list --resource-group {resource_group} --vnet-name {network_name} "
        '--query "[].[name, peeringState]" --output tsv',
        "Connected, here and in the other network",
    ),
    Question(
        "name servers",
        "az network vnet show --resource-group {resource_group} --name {network_name} "
        '--query "[name, dhcpOptions.dnsServers]"',
        "none, or servers that send azurecr.io on to 168.63.129.16 or to an inbound endpoint",
    ),
    Question(
        "link",
        "dig +short {login_server} @168.63.129.16",
        "an address of the hub's endpoint: Azure's resolver sees the zone that is linked to this VM's network",
    ),
    Question(
        "ruleset",
        "az resource list --resource-group {resource_group} --resource-type Microsoft.Network/dnsForwardingRulesets "
        '--query "[].name" --output tsv',
        "the one whose rule azurecr.io. leads to the inbound endpoint",
    ),
    Question(
        "replicas",
        'az acr replication list --registry {registry_name} --query "[].[name, provisioningState]" --output tsv',
        "Succeeded for each region",
    ),
    Question(
        "regions' names",
        "az network nic show --ids $(az network private-endpoint show --resource-group {resource_group} "
        "--name {endpoint_name} --query 'networkInterfaces[0].id' --output tsv) "
        '--query "ipConfigurations[].privateLinkConnectionProperties.fqdns[]" --output tsv',
        "a data endpoint for each region, and its login server where those are on: each needs a record",
    ),
)


def commands(settings: Settings) -> tuple[str, ...]:
    """Fill a lab's names into the questions' commands, of both pages."""
    return tuple(one.command.format(**settings.names()) for one in (*QUESTIONS, *HUB))


def cheat_sheet(start: Notebook) -> str:
    """Build the body of the sheet: two tables of chapter 00, and the questions with the article's names."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    taken = [f"<h2>{title}</h2>{markdown2html_mistune(table)}" for title, table in _tables(start)]
    asked = f"<h2>When a pull fails, ask in this order</h2>{_asked(QUESTIONS, 'hop')}"
    hub = f'<h2 class="page">With a hub, or several regions, ask as well</h2>{_asked(HUB, "part")}'
    return f'<main class="sheet"><h1>{TITLE}</h1>{"".join(taken)}{asked}{hub}</main>'


def _asked(questions: Sequence[Question], column: str) -> str:
    """A table of questions, with the article's names in them, whatever a settings file says."""
    names = Settings(registry_name="myregistry").names()
    rows = "".join(
        f"<tr><td>{escape(one.hop)}</td><td><code>{escape(one.command.format(**names))}</code></td>"
        f"<td>{escape(one.good)}</td></tr>"
        for one in questions
    )
    head = f"<tr><th>{column}</th><th>ask (az anywhere, the rest on the VM)</th><th>a link that works says</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _tables(start: Notebook) -> Sequence[tuple[str, str]]:
    """Heading -> the table below it, of the chapter that promises what the sheet repeats."""
    cells = ["".join(cell["source"]) for cell in start.cells if cell["cell_type"] == "markdown"]
    found = {TAKEN[title]: cell for cell in cells for title in TAKEN if cell.startswith(f"## {title}")}
    return [(title, "\n".join(re.findall(r"^\|.*$", cell, re.MULTILINE))) for title, cell in found.items()]
