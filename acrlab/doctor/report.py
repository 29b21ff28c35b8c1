"""Show a diagnosis to people and programs: text, HTML, JSON. Pure: the same diagnosis gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from acrlab.display import facts_table
from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.drawing.way import as_image, as_line
from acrlab.doctor.finding import Finding

OUTCOMES = {"fine": "✓", "found": "✗", "noted": "•", "not seen": "?", "not asked": "–"}
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font:14px ui-monospace,monospace}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8b949e;border-radius:4px;padding:.5rem}"
)


@dataclass(frozen=True, repr=False)
class Report:
    """A diagnosis that shows itself: a table and a picture in a notebook, text everywhere else."""

    diagnosis: Diagnosis

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; notes don't count."""
        return self.diagnosis.healthy

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong: errors before warnings, in the order in which an expert would ask."""
        return self.diagnosis.findings

    @property
    def codes(self) -> tuple[str, ...]:
        """The findings' codes."""
        return self.diagnosis.codes

    def __repr__(self) -> str:
        return as_text(self.diagnosis)

    def _repr_html_(self) -> str:
        return as_body(self.diagnosis)


def verdict(diagnosis: Diagnosis) -> str:
    """Sum up the diagnosis in one line."""
    subject = diagnosis.snapshot.subject
    asked = sum(c.outcome != "not asked" for c in diagnosis.checked)
    blind = sum(c.outcome == "not seen" for c in diagnosis.checked)
    unseen = f", {blind} could not be asked" if blind else ""
    count = len(diagnosis.findings)
    found = "no finding" if not count else "1 finding" if count == 1 else f"{count} findings"
    return f"{subject.registry}: {found} ({asked} questions{unseen})"


def as_text(diagnosis: Diagnosis) -> str:
    """Write findings first, then notes, then what could not be read."""
    lines = [verdict(diagnosis), as_line(diagnosis)]
    for number, finding in enumerate(diagnosis.findings, 1):
        lines += ["", f"{number}. {finding.title}", f"   {finding.severity}: {finding.code}"]
        lines += [f"   seen    {text}" for text in finding.evidence]
        lines += [f"   why     {finding.why}"]
        lines += [f"   type    {command}" for command in finding.remedy.az]
        lines += [f"   or      {finding.remedy.call}"] if finding.remedy.call else []
        lines += [f"   read    {finding.source}"]
    if diagnosis.notes:
        lines += ["", "Worth knowing:", *(f"   {n.title} ({n.code})" for n in diagnosis.notes)]
    if diagnosis.unseen:
        lines += ["", "Not seen:"]
        lines += [f"   {u.what}: {u.permission or u.reason}  {u.resource}" for u in diagnosis.unseen]
    return "\n".join(lines)


def as_tree(diagnosis: Diagnosis) -> str:
    """List every question under its part of the way, with its outcome."""
    lines: list[str] = []
    hop = ""
    for checked in diagnosis.checked:
        if checked.hop != hop:
            hop = checked.hop
            lines.append(hop)
        code = f"  {checked.finding.code}" if checked.finding else ""
        why = "" if checked.outcome in ("fine", "found", "noted") else f"  {checked.outcome}"
        lines.append(f"  {OUTCOMES[checked.outcome]} {checked.asks}{code}{why}")
    return "\n".join(lines)


def as_whole_text(diagnosis: Diagnosis) -> str:
    """Write what was found, and every question with its outcome."""
    return f"{as_text(diagnosis)}\n\n{as_tree(diagnosis)}"


def as_json(diagnosis: Diagnosis) -> str:
    """Write JSON for programs: findings, notes, what was asked, what could not be read."""
    form: dict[str, Any] = {
        "subject": asdict(diagnosis.snapshot.subject),
        "healthy": diagnosis.healthy,
        "findings": [asdict(f) for f in diagnosis.findings],
        "notes": [asdict(f) for f in diagnosis.notes],
        "checks": [{"hop": c.hop, "name": c.name, "asks": c.asks, "outcome": c.outcome} for c in diagnosis.checked],
        "unseen": [asdict(u) for u in diagnosis.unseen],
        "requests": diagnosis.snapshot.requests,
    }
    return json.dumps(form, indent=2, ensure_ascii=False)


def as_page(diagnosis: Diagnosis) -> str:
    """Write one HTML page, complete in itself."""
    tree = escape(as_tree(diagnosis))
    title = escape(f"Private link of {diagnosis.snapshot.subject.registry}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>{as_body(diagnosis)}"
        f"<h2>What was asked</h2><pre>{tree}</pre></body></html>\n"
    )


def as_body(diagnosis: Diagnosis) -> str:
    """Write what a page says of one diagnosis: the way as a picture, findings, notes, what could not be read."""
    parts = [f"<p><strong>{escape(verdict(diagnosis))}</strong></p>", as_image(diagnosis)]
    parts += [_told(number, finding) for number, finding in enumerate(diagnosis.findings, 1)]
    parts += [f"<p>{escape(n.title)} <code>{n.code}</code></p>" for n in diagnosis.notes]
    parts += [f"<p>Not seen: {escape(u.what)}, {escape(u.permission or u.reason)}</p>" for u in diagnosis.unseen]
    return "".join(parts)


def _told(number: int, finding: Finding) -> str:
    """Show one finding, line by line, so that the command to type has the whole width."""
    remedy = finding.remedy
    facts = {
        "seen": "<br>".join(escape(text) for text in finding.evidence),
        "why": escape(finding.why),
        "type": _command("\n".join(map(_by_options, remedy.az))),
    }
    if remedy.call:
        facts["or in Python"] = _command(remedy.call)
    facts["read"] = _linked(finding.source)
    title = f"<strong>{number}. {escape(finding.title)}</strong> <code>{finding.code}</code>, {finding.severity}"
    return facts_table(title, facts)


def _command(text: str) -> str:
    """Show a command whole: a long line wraps, between words if possible."""
    style = "white-space:pre-wrap;word-break:normal;overflow-wrap:break-word;margin:0"
    return f'<pre style="{style}">{escape(text)}</pre>'


def _by_options(command: str) -> str:
    """Put each option on its own line, as the article does; a shell reads the same."""
    return command.replace(" --", " \\\n  --")


def _linked(source: str) -> str:
    return f'<a href="{escape(source)}">documentation</a>'
