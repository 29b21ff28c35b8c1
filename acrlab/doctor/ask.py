"""A diagnosis of a lab as it is now: look, then judge."""

from __future__ import annotations

from collections.abc import Callable

from acrlab.doctor.diagnosis import judge
from acrlab.doctor.observe import observe, survey
from acrlab.doctor.picture import Picture
from acrlab.doctor.report import Report
from acrlab.doctor.trace import Story, tell
from acrlab.lab.lab import Lab

__all__ = ["diagnose", "picture", "trace"]


def diagnose(
    lab: Lab,
    *,
    machine: str | None = None,
    network: str = "",
    expect: str = "",
    telling: Callable[[str], object] = str,
) -> Report:
    """Say what is wrong with a lab's private link, on what evidence, and what to do. Changes nothing.

    Args:
        machine: name of the machine that looks from inside; None: the lab's, empty: none does.
        network: name or id of the network that clients stand in; empty: the machine's, else the lab's.
        expect: `open` or `closed`: what public access is meant to be; empty: closed where the lab closed it itself.
        telling: is called with what is looked at, before each part.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    return Report(judge(observe(lab, machine=machine, network=network, expect=expect, telling=telling)))


def trace(lab: Lab, name: str = "") -> Story:
    """Tell the story of one request for a registry's name, from the machine's place to where it ends.

    Args:
        name: the login server, or a data endpoint; empty: the login server.
    """
    return tell(observe(lab), name or lab.settings.login_server)


def picture(lab: Lab, since: Picture | None = None) -> Picture:
    """Draw the lab as it is now: networks, machine, endpoints, zones, registry, internet.

    Args:
        since: an earlier picture; what is new or different is marked.
    """
    return Picture(survey(lab), since.snapshot if since else None)
