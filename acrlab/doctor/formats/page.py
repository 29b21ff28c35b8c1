"""An estate as one HTML page, complete in itself: a table of registries, and below each one's way with its findings."""

from __future__ import annotations

from html import escape

from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.estate import MARKS, Estate, Member, summary
from acrlab.doctor.report import STYLE, as_body

TABLE = (
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #8b949e}td{overflow-wrap:anywhere}"
)
WORDS = {"error": "error", "warning": "warning", "not seen": "not seen", "fine": "fine", "silent": "practice"}


def as_page(estate: Estate) -> str:
    """Write the page."""
    title = escape(f"Private links of subscription {estate.subscription}")
    rows = "".join(_row(member) for member in estate.members)
    details = "".join(_details(member) for member in estate.members if member.findings)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}{TABLE}</style></head><body><h1>{title}</h1><p><strong>{escape(summary(estate))}</strong></p>"
        f'<table><thead><tr><th scope="col">State</th><th scope="col">Registry</th><th scope="col">Group</th>'
        f'<th scope="col">Findings</th></tr></thead><tbody>{rows}</tbody></table>{details}</body></html>\n'
    )


def _row(member: Member) -> str:
    name = escape(member.registry)
    linked = f'<a href="#{_anchor(member)}">{name}</a>' if member.findings else name
    codes = "<br>".join(f"<code>{f.code}</code> {escape(network)}" for f, network in member.findings)
    return (
        f"<tr><td>{MARKS[member.state]} {WORDS[member.state]}</td><td>{linked}</td>"
        f"<td>{escape(member.group)}</td><td>{codes}</td></tr>"
    )


def _details(member: Member) -> str:
    """Show each network's view that has a finding."""
    broken = [d for d in member.diagnoses if d.findings]
    shown = "".join(f"<h3>{_from(d)}</h3>{as_body(d)}" for d in broken)
    return f'<h2 id="{_anchor(member)}">{escape(member.registry)}</h2>{shown}'


def _from(diagnosis: Diagnosis) -> str:
    network = diagnosis.snapshot.network
    return f"From {escape(network.name)}" if network else "From no network"


def _anchor(member: Member) -> str:
    return escape(f"{member.group}-{member.registry}", quote=True).replace(" ", "-")
