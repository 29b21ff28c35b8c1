"""What the lab costs on a real Azure: list prices with their date and source, and the arithmetic. Nothing is fetched.

Prices change, and differ between regions and contracts: this is the order of magnitude, said before anything is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from acrlab.display import Table, table
from acrlab.settings import PLANNED_HOURS, Settings

DATE = "November 2025"
SOURCE = "https://azure.microsoft.com/pricing/"
REGION = "East US"
HOURS = {"hour": 1, "day": 24, "month": 730}


@dataclass(frozen=True)
class Price:
    """A list price in US dollars, without tax.

    Attributes:
        part: what it is for.
        a: `hour`, `day` or `month`, as the price list has it.
    """

    part: str
    dollars: float
    a: str

    @property
    def an_hour(self) -> float:
        return self.dollars / HOURS[self.a]


PRICES = {
    "registry": Price("registry, Premium", 1.667, "day"),
    "vm": Price("VM, Standard_B2s", 0.0416, "hour"),
    "disk": Price("disk, 32 GiB Premium SSD", 5.28, "month"),
    "address": Price("public address", 0.005, "hour"),
    "endpoint": Price("private endpoint", 0.01, "hour"),
    "zone": Price("private DNS zone", 0.5, "month"),
    "replica": Price("replica of a registry, Premium", 1.667, "day"),
    "resolver": Price("endpoint of a DNS Private Resolver", 180, "month"),
    "ruleset": Price("DNS forwarding ruleset", 2.5, "month"),
    # a node of 0.0416, its disk of 128 GiB (19.71 a month), a load balancer of 0.025 and its address
    "pool": Price("agent pool, S1 (two cores at the price of tasks)", 0.72, "hour"),
    "cluster": Price("AKS cluster of one Standard_B2s node", 0.0986, "hour"),
}
REPLICATIONS = "registries/replications"
# type, without the namespace -> what it costs under
PART_OF = {
    "registries": "registry",
    "virtualMachines": "vm",
    "disks": "disk",
    "publicIPAddresses": "address",
    "privateEndpoints": "endpoint",
    "privateDnsZones": "zone",
    REPLICATIONS: "replica",
    "dnsResolvers/inboundEndpoints": "resolver",
    "dnsResolvers/outboundEndpoints": "resolver",
    "dnsForwardingRulesets": "ruleset",
    "registries/agentPools": "pool",
    "managedClusters": "cluster",
}
VM = ("registry", "vm", "disk", "address")
LINK = (*VM, "endpoint", "zone")
# What stands while a chapter is followed, so that it is paid for.
STANDING = {
    "01": ("registry",),
    "02": VM,
    "03": LINK,
    "04": (*LINK, "endpoint"),
    "05": (*LINK, "endpoint", "zone"),
    "06": LINK,
    "07": LINK,
    "08": LINK,
    "09": LINK,
    "11": LINK,
    "13": (*LINK, "endpoint", "replica"),
    "14": (*LINK, *VM[1:], *VM[1:], "resolver", "resolver", "ruleset"),
    "15": LINK,
    "16": (*LINK, "cluster"),
}
# What stands for some minutes of a chapter only, and only where the region has it: part, minutes.
BRIEFLY = {"15": ("pool", 10)}
BEYOND = {"13": 25, "14": 25, "15": 25, "16": 25}  # chapters beside the article's: minutes, as their boxes say


def an_hour(parts: Iterable[str]) -> float:
    """Add up what these parts cost in an hour, in US dollars."""
    return sum(PRICES[part].an_hour for part in parts)


def cost_of_kinds(kinds: Iterable[str]) -> float:
    """Add up what resources of these types cost in an hour, in US dollars; those that cost nothing are left out.

    A registry with replicas lists its own region among them, which is paid for already.
    """
    found = list(kinds)
    if REPLICATIONS in found:
        found.remove(REPLICATIONS)
    return an_hour(PART_OF[kind] for kind in found if kind in PART_OF)


def cost_of_chapter(number: str, minutes: int) -> str:
    """Write what a chapter's minutes cost, with the arithmetic; for its before-you-start box."""
    rate = an_hour(STANDING[number])
    what = f"{minutes} minutes at {rate:.3f} US dollars an hour for all that stands then: {rate * minutes / 60:.2f}"
    if number in BRIEFLY:
        part, stands = BRIEFLY[number]
        what += f", and {cost_briefly(number):.2f} for {stands} minutes of its {PRICES[part].part}, if there is one"
    return f"{what} ([list prices]({SOURCE}), {REGION}, {DATE})"


def cost_of_forgetting() -> str:
    """Write what a whole lab costs that is left standing, in words for every chapter that says so."""
    rate = an_hour(STANDING["05"])
    day, month, off = HOURS["day"] * rate, HOURS["month"] * rate, HOURS["day"] * PRICES["vm"].an_hour
    spent = f"{day:.2f} US dollars a day, {month:.0f} a month, {off:.2f} a day less once the VM is switched off"
    return f"{spent} ([list prices]({SOURCE}), {REGION}, {DATE})"


def whole_cost(settings: Settings, hours: float = PLANNED_HOURS) -> float:
    """Say what the whole lab costs in so many hours, in US dollars; without a VM whose price is not known here."""
    known = settings.vm_size in PRICES["vm"].part
    return hours * an_hour(part for part in STANDING["05"] if known or part != "vm")


def cost_beyond(chapters: Iterable[str]) -> float:
    """Say what chapters beyond the article cost on top of the whole lab, in US dollars.

    Args:
        chapters: numbers, such as `13`; those of the article are in the whole lab's cost already.
    """
    numbers = {*chapters} & BEYOND.keys()
    return sum(an_hour(STANDING[number]) * BEYOND[number] / 60 + cost_briefly(number) for number in numbers)


def cost_briefly(chapter: str) -> float:
    """Say what stands for some minutes of a chapter only costs, in US dollars: 0, where nothing does."""
    part, minutes = BRIEFLY.get(chapter, ("", 0))
    return an_hour([part]) * minutes / 60 if part else 0.0


def cost_table(settings: Settings, hours: float = PLANNED_HOURS) -> Table:
    """Show what the whole lab costs: part by part, an hour, and for the planned time.

    Args:
        hours: how long it is meant to stand; the course takes two and a quarter.
    """
    rows = [_row(part, STANDING["05"].count(part), settings) for part in PRICES if part in STANDING["05"]]
    total = whole_cost(settings, 1)
    row = {"part": "all of it", "list price": "", "an hour": f"{total:.4f}"}
    spent = {
        "part": f"for {hours:g} hours",
        "list price": f"{hours:g} × {total:.4f}",
        "an hour": f"{hours * total:.2f}",
    }
    return table([*rows, row, spent], caption=f"US dollars, list prices of {DATE}, {REGION}: {SOURCE}")


def cost_table_beyond() -> Table:
    """Show what each chapter beyond the article costs on top of the whole lab, and what stands then beside it."""
    rows = [
        {
            "chapter": number,
            "beside the lab": ", ".join(_counted(_beside(number))) or "nothing",
            "minutes": str(minutes),
            "US dollars": f"{cost_beyond([number]):.2f}",
        }
        for number, minutes in BEYOND.items()
    ]
    return table(rows, caption="What chapters beyond the article cost on top, if you run them")


def _beside(chapter: str) -> Mapping[str, int]:
    return Counter([*STANDING[chapter], *BRIEFLY.get(chapter, ())[:1]]) - Counter(LINK)


def _counted(parts: Mapping[str, int]) -> Iterator[str]:
    return (f"{count} × {PRICES[part].part}" if count > 1 else PRICES[part].part for part, count in parts.items())


def _row(part: str, count: int, settings: Settings) -> dict[str, str]:
    price = PRICES[part]
    if part == "vm" and settings.vm_size not in price.part:
        return {"part": f"VM, {settings.vm_size}", "list price": "not known here", "an hour": "?"}
    many = f"{count} × " if count > 1 else ""
    article = "an" if price.a == "hour" else "a"
    said = f"{many}{price.dollars:g} {article} {price.a}"
    return {"part": price.part, "list price": said, "an hour": f"{count * price.an_hour:.4f}"}
