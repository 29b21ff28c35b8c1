"""The portal's *Create a private endpoint* as a form: its four pages, its validation, and a Create that creates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from acrlab.display import Table, table
from acrlab.doctor.observe.choices import surroundings
from acrlab.lab.lab import Lab
from acrlab.steps.portal import PortalEndpoint, create_endpoint
from acrlab.steps.portal_form import METHOD, SUB_RESOURCE, TYPE, EndpointRequest, Surroundings, pages, problems
from acrlab.widgets.control import Control, Speaker, button, heading, row, stacked

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["EndpointForm", "endpoint_form"]

CAPTION = "Create a private endpoint"
PAGES = {  # page -> its fields, in the portal's order
    "Basics": ("subscription", "resource_group", "name", "region"),
    "Resource": ("method", "type", "registry", "sub_resource"),
    "Configuration": ("network", "subnet", "zone", "zone_name"),
    "Review + create": ("review",),
}


class EndpointForm(Control):
    """The pages, filled in with the names of the portal's chapter to begin with."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._request = EndpointRequest.of_lab(lab.settings, lab.subscription)

    @property
    def request(self) -> EndpointRequest:
        """The answers as they stand now."""
        return self._request

    def _twin(self) -> Table:
        return table(pages(self._request, self._lab.settings.zone_name), caption=f"{CAPTION}, filled in")

    def _built(self) -> ipywidgets.DOMWidget:
        return _Pages(self._lab, self._request, self._chosen).frame

    def _chosen(self, request: EndpointRequest) -> None:
        self._request = request


def endpoint_form(lab: Lab) -> EndpointForm:
    """Show the portal's pages to fill in, check and create from; as a table where nobody can click."""
    return EndpointForm(lab)


class _Pages:
    """The widgets of one form, and what passes between them."""

    def __init__(self, lab: Lab, request: EndpointRequest, chosen: Callable[[EndpointRequest], None]) -> None:
        from ipywidgets import HTML, VBox

        self._lab, self._request, self._tell = lab, request, chosen
        self._there = surroundings(lab)
        self._fields, self._fixed = _fields(request, self._there), _fixed(lab)
        self._review, self._body, self._speaker, self._page = HTML(), VBox(), Speaker(), 0
        self._steps = [button(name, partial(self._open, at)) for at, name in enumerate(PAGES)]
        self._next = button("Next", lambda: self._open(self._page + 1))
        self._create = button("Create", self._created, explained="Make the endpoint and its zone group")
        for field in self._fields.values():
            field.observe(self._changed, names="value")
        ways = row(self._next, self._create)
        self.frame = stacked(row(*self._steps), self._body, ways, self._speaker.widget, label=CAPTION)
        self._open(0)

    def _open(self, page: int) -> None:
        """Show a page; the last one looks at Azure again before it validates."""
        self._page = page
        if self._reviewed:
            self._there = surroundings(self._lab)
        self._changed()
        widgets = {**self._fields, **self._fixed, "review": self._review}
        title = heading(f"{page + 1} of {len(PAGES)}: {list(PAGES)[page]}")
        self._body.children = (title, *(widgets[name] for name in list(PAGES.values())[page]))
        self._next.disabled = self._reviewed

    @property
    def _reviewed(self) -> bool:
        return self._page == len(PAGES) - 1

    def _changed(self, change: Any = None) -> None:
        fields = self._fields
        if change is not None and change["owner"] is fields["network"]:
            fields["subnet"].options = _subnets(self._there, fields["network"].value)
        given = {name: field.value or "" for name, field in fields.items() if name != "zone"}
        self._request = replace(self._request, **given, zone=bool(fields["zone"].value))
        self._tell(self._request)
        wrong = list(problems(self._request, self._there))
        filled = table(pages(self._request, self._lab.settings.zone_name), caption="Review")
        self._review.value = f'<div role="status">{_verdict(wrong)}</div>{filled._repr_html_()}'
        self._create.disabled = bool(wrong) or not self._reviewed

    def _created(self) -> None:
        self._create.disabled = True
        self._speaker.doing([self._next, *self._steps], "Deployment is in progress", self._deploy)

    def _deploy(self) -> None:
        try:
            self._speaker.say(_told(create_endpoint(self._lab, self._request)))
        finally:
            self._there = surroundings(self._lab)
            self._changed()  # the name is taken now, unless Azure refused


def _verdict(wrong: list[tuple[str, str]]) -> str:
    if not wrong:
        return "<p>✓ Validation passed.</p>"
    told = "".join(f"<li>{escape(page)}: {escape(text)}</li>" for page, text in wrong)
    return f"<p><strong>✗ Validation failed.</strong></p><ul>{told}</ul>"


def _told(made: PortalEndpoint) -> str:
    records = "".join(f"\n  {r.name} → {r.address}, to be kept for {r.ttl} s" for r in made.records)
    written = f" The zone group {made.zone_group} wrote into {made.zone}:{records}" if made.zone else ""
    return f"✓ Your deployment is complete: {made.endpoint.name}.{written}"


def _fields(request: EndpointRequest, there: Surroundings) -> dict[str, Any]:
    """A field for each answer that can be given."""
    from ipywidgets import Combobox, Dropdown, RadioButtons, Text

    regions = sorted({request.region, *(n.location for n in there.networks)})
    registries = [(r.id.rpartition("/")[2], r.id) for r in there.registries]
    networks = [(n.name, n.id) for n in there.networks]
    group = Combobox(value=request.resource_group, options=there.groups, description="Resource group", **_look())
    zone = RadioButtons(value=request.zone, options=[("Yes", True), ("No", False)], **_look())
    zone.description = "Integrate with private DNS zone"
    return {
        "resource_group": group,
        "name": Text(value=request.name, description="Name", **_look()),
        "region": Dropdown(value=request.region, options=regions, description="Region", **_look()),
        "registry": _choice("Resource", registries, request.registry),
        "sub_resource": Dropdown(options=[SUB_RESOURCE], description="Target sub-resource", **_look()),
        "network": _choice("Virtual network", networks, request.network),
        "subnet": Dropdown(options=_subnets(there, request.network), description="Subnet", **_look()),
        "zone": zone,
    }


def _fixed(lab: Lab) -> dict[str, Any]:
    """What the portal asks, too, and what has only one answer here."""
    from ipywidgets import Text

    answers = {
        "subscription": ("Subscription", "yours" if lab.settings.backend == "azure" else "the emulated one"),
        "method": ("Connection method", METHOD),
        "type": ("Resource type", TYPE),
        "zone_name": ("Private DNS zone", lab.settings.zone_name),
    }
    return {
        name: Text(value=value, description=label, disabled=True, **_look()) for name, (label, value) in answers.items()
    }


def _choice(label: str, options: list[tuple[str, str]], wanted: str) -> Any:
    """A list to choose from; nothing is chosen where what was wanted is not offered."""
    from ipywidgets import Dropdown

    value = next((value for _, value in options if value.lower() == wanted.lower()), None)
    return Dropdown(value=value, options=options, description=label, **_look())


def _subnets(there: Surroundings, network: str | None) -> list[str]:
    found = there.network(network or "")
    return [s.name for s in found.subnets] if found else []


def _look() -> dict[str, Any]:
    from ipywidgets import Layout

    return {"layout": Layout(width="38rem", max_width="100%"), "style": {"description_width": "13rem"}}
