"""The article's sections, each to be verified, hinted at, solved and reset; the progress is what Azure itself shows."""

from __future__ import annotations

from acrlab.course import reset as undoing
from acrlab.course import verify as looks
from acrlab.course.plan import needed, perform
from acrlab.course.section import Section, Verdict
from acrlab.display import Table, table
from acrlab.errors import ConfigurationError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab

__all__ = ["SECTIONS", "expected", "hint", "progress", "reset", "solve", "taken_by_reset", "verify"]

SECTIONS = (
    Section(
        "group",
        "prerequisites",
        "a resource group {resource_group}",
        looks.group,
        "it was not made, or was deleted with all that was in it",
        "One az command, or one call, with a name and a region.",
        ("group",),
        undoing.group,
        "the group {resource_group} with all that the lab has in it",
    ),
    Section(
        "registry",
        "prerequisites",
        "a Premium registry {registry_name}",
        looks.registry,
        "it was not made, in another group, or in another tier",
        "Private endpoints are a feature of one tier.",
        ("registry",),
        undoing.registry,
        "the registry {registry_name} with its images, and the endpoint {endpoint_name}",
    ),
    Section(
        "sample-image",
        "prerequisites",
        "{image} in the registry",
        looks.image,
        "it was not imported, or the registry does not let this computer look",
        "An image can be copied between registries without a docker of one's own.",
        ("sample-image",),
        undoing.image,
        "the image's repository in {registry_name}, with all its tags",
    ),
    Section(
        "machine",
        "create-a-docker-enabled-virtual-machine",
        "a machine {machine_name} with an identity",
        looks.machine,
        "it was not made, or without --assign-identity",
        "A machine that has an identity needs no password for the registry.",
        ("machine",),
        undoing.machine,
        "the machine {machine_name}, its interface and its public address; the network stays",
    ),
    Section(
        "docker",
        "install-docker-on-the-vm",
        "docker on {machine_name}",
        looks.docker,
        "it was not installed, or the machine can't reach the package servers",
        "Commands reach the machine by run-command, with no open port.",
        ("docker",),
        undoing.docker,
        "docker on {machine_name}",
    ),
    Section(
        "azure-cli",
        "install-the-azure-cli",
        "az on {machine_name}, and AcrPull for its identity",
        looks.azure_cli,
        "it was not installed, or the identity has no role on the registry",
        "Two things: a program on the machine, and a role on the registry.",
        ("pull-right",),
        undoing.azure_cli,
        "the roles that {machine_name} has on {registry_name}; the program stays",
    ),
    Section(
        "subnet-policies",
        "disable-subnet-private-endpoint-policies",
        "network policies for private endpoints disabled on {subnet_name}",
        looks.policies,
        "they are on, as subnets had them in the article's year",
        "It is a property of the subnet, not of the network.",
        ("subnet-policies",),
        undoing.policies,
        "the endpoint {endpoint_name}; and the policies of {subnet_name} are enabled again",
    ),
    Section(
        "private-dns-zone",
        "configure-the-private-dns-zone",
        "a private zone {zone_name}",
        looks.zone,
        "it was not made, or under another name: every letter counts",
        "Look where the registry's public name leads: dig shows an alias.",
        ("zone",),
        undoing.zone,
        "the zone {zone_name} with its links and records",
    ),
    Section(
        "zone-link",
        "create-an-association-link",
        "the zone linked to {network_name}",
        looks.link,
        "there is no link, or one to another network",
        "A zone answers only in networks that it is linked to.",
        ("link",),
        undoing.link,
        "every link of {zone_name}",
    ),
    Section(
        "private-endpoint",
        "create-a-private-endpoint",
        "a private endpoint {endpoint_name}, approved",
        looks.endpoint,
        "it was not made, or its connection waits for approval",
        "It needs a subnet, a registry, and the sub-resource registry.",
        ("endpoint",),
        undoing.endpoint,
        "the endpoint {endpoint_name}; records that lead to it stay, and mislead",
    ),
    Section(
        "dns-records",
        "create-dns-records-in-the-private-zone",
        "a record for the registry and one for its data endpoint, with the endpoint's addresses",
        looks.records,
        "one is missing, or has an address that the endpoint does not hold for that name",
        "The endpoint's interface says which address is for which member.",
        ("records",),
        undoing.records,
        "every address record in {zone_name}",
    ),
    Section(
        "public-access-denied",
        "deny-default-registry-access---cli",
        "a registry that refuses callers that no rule names",
        looks.closed,
        "the default action is still Allow",
        "A private endpoint closes nothing by itself.",
        ("records", "public-access-denied"),
        undoing.closed,
        "nothing; the registry is as open as before",
    ),
    Section(
        "verify-access",
        "verify-access-over-private-link",
        "a pull that works on {machine_name} while the registry is closed",
        looks.pulled,
        "the registry is open, so that a pull proves nothing, or the machine fails: acrlab doctor says why",
        "Close first, then pull: otherwise you can't tell which way it took.",
        ("records", "pull-right", "public-access-denied"),
        undoing.closed,
        "nothing; the registry is as open as before",
    ),
    Section(
        "access-restored",
        "restore-default-registry-access---cli",
        "a registry as open as before",
        looks.restored,
        "the main switch or the default action is still closed; enabling the one does not set the other",
        "Two settings closed it, and both have to go back.",
        ("public-access-as-before",),
        undoing.restored,
        "nothing; the registry is closed to the internet again",
    ),
)


def verify(lab: Lab, section: str) -> Verdict:
    """Look whether a section is done: expected, seen, likely cause, next step. Changes nothing.

    Args:
        section: its name, as `progress` shows it, e.g. `private-dns-zone`.

    Raises: ConfigurationError: there is no such section.
    """
    found = _named(section)
    wanted = expected(lab, section)
    with asking(f"Verifying {section}", str(lab.group_id())):
        seen = found.look(lab)
    if seen is not None:
        return Verdict(section, True, wanted, seen)
    following = f"{found.hint} Or: acrlab.solve(lab, {section!r})"
    return Verdict(section, False, wanted, "not there, or not so", found.cause, following)


def expected(lab: Lab, section: str) -> str:
    """Say what is there when a section is done. Raises: ConfigurationError: there is no such section."""
    return _named(section).expected.format(**lab.settings.names())


def hint(lab: Lab, section: str) -> str:
    """Say what to try, without the answer. Raises: ConfigurationError: there is no such section."""
    return _named(section).hint.format(**lab.settings.names())


def taken_by_reset(lab: Lab, section: str) -> str:
    """Say what a reset takes away. Raises: ConfigurationError: there is no such section."""
    return _named(section).taken.format(**lab.settings.names())


def solve(lab: Lab, section: str) -> Verdict:
    """Bring the world to where a section ends, with the library's own steps, and verify it.

    Raises: ConfigurationError: there is no such section. RefusedError: Azure refused a step.
    """
    perform(lab, needed(_named(section).steps))
    return verify(lab, section)


def reset(lab: Lab, section: str) -> Verdict:
    """Take back what a section made; what it stands on stays. Raises: ConfigurationError: there is no such section."""
    with asking(f"Resetting {section}", str(lab.group_id())):
        _named(section).undo(lab)
    return verify(lab, section)


def progress(lab: Lab) -> Table:
    """Show which sections are done, by what Azure shows now, without trying a pull."""
    listed = [s for s in SECTIONS if s.look is not looks.pulled]
    verdicts = [verify(lab, s.name) for s in listed]
    rows = [{"section": v.section, "done": "✓" if v.done else "", "seen": v.seen if v.done else "–"} for v in verdicts]
    return table(rows, caption="Progress")


def _named(name: str) -> Section:
    found = next((s for s in SECTIONS if s.name == name), None)
    if found is None:
        message = f"there is no section {name}; there are: {', '.join(s.name for s in SECTIONS)}"
        raise ConfigurationError("section", message)
    return found
