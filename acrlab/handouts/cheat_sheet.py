"""One page to keep beside the keyboard: the four answers, the five parts, and what to ask in which order."""

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


def commands(settings: Settings) -> tuple[str, ...]:
    """Fill a lab's names into the questions' commands."""
    return tuple(one.command.format(**settings.names()) for one in QUESTIONS)


def cheat_sheet(start: Notebook) -> str:
    """Build the body of the page: two tables of chapter 00, and the questions with the article's names."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    taken = [f"<h2>{title}</h2>{markdown2html_mistune(table)}" for title, table in _tables(start)]
    article = Settings(registry_name="myregistry")  # whatever a settings file says
    typed = commands(article)
    rows = "".join(
        f"<tr><td>{one.hop}</td><td><code>{escape(text)}</code></td><td>{escape(one.good)}</td></tr>"
        for one, text in zip(QUESTIONS, typed, strict=True)
    )
    head = "<tr><th>hop</th><th>ask (az anywhere, the rest on the VM)</th><th>a link that works says</th></tr>"
    asked = f"<h2>When a pull fails, ask in this order</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f'<main class="sheet"><h1>{TITLE}</h1>{"".join(taken)}{asked}</main>'


def _tables(start: Notebook) -> Sequence[tuple[str, str]]:
    """Heading -> the table below it, of the chapter that promises what the sheet repeats."""
    cells = ["".join(cell["source"]) for cell in start.cells if cell["cell_type"] == "markdown"]
    found = {TAKEN[title]: cell for cell in cells for title in TAKEN if cell.startswith(f"## {title}")}
    return [(title, "\n".join(re.findall(r"^\|.*$", cell, re.MULTILINE))) for title, cell in found.items()]
