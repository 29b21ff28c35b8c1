"""Offer the portal's *Create a private endpoint* as a form: four pages, validation, and a Create that creates."""

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
from acrlab.steps.portal_form import EndpointRequest, Problem, Surroundings, pages, problems
from acrlab.widgets.control import Control, Speaker, button, heading, row, stacked
from acrlab.widgets.endpoint_fields import Fields, fixed
from acrlab.widgets.following import ELSEWHERE, Follower, follow

if TYPE_CHECKING:
    import ipywidgets

CAPTION = "Create a private endpoint"
PAGES = {  # page -> its fields, in the portal's order
    "Basics": ("subscription", "resource_group", "name", "region"),
    "Resource": ("method", "type", "registry", "sub_resource"),
    "Configuration": ("network", "subnet", "zone", "zone_name"),
    "Review + create": ("review",),
}


class EndpointForm(Control):
    """Show the portal's pages to fill in, check and create from; a table where no one can click.

    To begin with they are filled in with the names of the portal's chapter.
    """

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
        made = _Pages(self._lab, self._request, self._chosen)
        follow("portal", Follower(self._lab, surroundings, made.seen, made.failed))
        return made.frame

    def _chosen(self, request: EndpointRequest) -> None:
        self._request = request


class _Pages:
    """The widgets of one form, and what passes between them."""

    def __init__(self, lab: Lab, request: EndpointRequest, chosen: Callable[[EndpointRequest], None]) -> None:
        from ipywidgets import HTML, VBox

        self._lab, self._request, self._tell = lab, request, chosen
        self._there, self._wrong = surroundings(lab), list[Problem]()
        self._made: PortalEndpoint | None = None  # what these answers have made already
        self._fields, self._fixed = Fields(request, self._there, self._changed), fixed(lab)
        self._review, self._body, self._speaker, self._page = HTML(), VBox(), Speaker(), 0
        self._steps = [button(name, partial(self._open, at)) for at, name in enumerate(PAGES)]
        self._previous = button("Previous", lambda: self._open(self._page - 1))
        self._next = button("Next", self._go_on)
        self._create = button("Create", self._created, explained="Make the endpoint and its zone group", look="primary")
        ways = row(self._previous, self._next, self._create)
        self.frame = stacked(row(*self._steps), self._body, ways, self._speaker.widget, label=CAPTION)
        self._open(0)

    def seen(self, there: Surroundings, step: str) -> None:
        """Validate again: something was created or deleted, by a cell, a click or another program."""
        if there == self._there:
            return
        self._there = there
        self._fields.offer(there, self._request)
        if self._made and str(self._made.endpoint.id).lower() not in {id.lower() for id in there.endpoints}:
            self._speaker.say(f"{self._made.endpoint.name}, which was made here, is deleted. By {step}.")
            self._made = None
        self._validate()

    def failed(self, told: str) -> None:
        """Say what keeps the form from reading Azure."""
        self._speaker.say(told, ok=False)

    @property
    def _name(self) -> str:
        return list(PAGES)[self._page]

    @property
    def _reviewed(self) -> bool:
        return self._page == len(PAGES) - 1

    def _open(self, page: int) -> None:
        """Show a page; the last one reads Azure again before it validates."""
        self._page = page
        for at, step in enumerate(self._steps):
            (step.add_class if at == page else step.remove_class)("acrlab-current")
        if self._reviewed:
            self.seen(surroundings(self._lab), ELSEWHERE)
        shown = {**self._fields.shown, **self._fixed, "review": self._review}
        title = heading(f"{page + 1} of {len(PAGES)}: {self._name}")
        self._body.children = (title, *(shown[name] for name in PAGES[self._name]))
        self._validate()

    def _go_on(self) -> None:
        """Turn the page, if nothing on it is wrong."""
        wrong = [one.told for one in self._wrong if one.page == self._name]
        if wrong:
            self._speaker.say("\n".join(wrong), ok=False)
        else:
            self._speaker.say("")
            self._open(self._page + 1)

    def _changed(self, answers: dict[str, Any]) -> None:
        """Take the answers in; they are another endpoint's than what was made."""
        self._request = replace(self._request, **answers)
        self._fields.offer(self._there, self._request)
        self._tell(self._request)
        self._made = None
        self._speaker.say("")
        self._validate()

    def _validate(self) -> None:
        self._wrong = [] if self._made else list(problems(self._request, self._there))
        self._fields.mark({one.field: one.told for one in self._wrong})
        filled = table(pages(self._request, self._lab.settings.zone_name), caption="Review")
        verdict = "" if self._made else _verdict(self._wrong)
        self._review.value = f'<div role="status">{verdict}</div>{filled._repr_html_()}'
        self._previous.disabled, self._next.disabled = self._page == 0, self._reviewed
        self._create.disabled = bool(self._wrong or self._made) or not self._reviewed

    def _created(self) -> None:
        self._create.disabled = True
        self._speaker.doing(
            [self._previous, self._next, *self._steps], "Deployment is in progress", self._deploy, clicked="Create"
        )
        self._validate()

    def _deploy(self) -> None:
        try:
            self._made = create_endpoint(self._lab, self._request)
            self._speaker.say(_told(self._made))
        finally:
            self._there = surroundings(self._lab)
            self._validate()  # some of it may be there although Azure refused


def _verdict(wrong: list[Problem]) -> str:
    if not wrong:
        return "<p>✓ Validation passed.</p>"
    told = "".join(f"<li>{escape(one.page)}: {escape(one.told)}</li>" for one in wrong)
    return f'<p class="acrlab-problem"><strong>✗ Validation failed.</strong></p><ul>{told}</ul>'


def _told(made: PortalEndpoint) -> str:
    records = "".join(f"\n  {r.name} → {r.address}, to be kept for {r.ttl} s" for r in made.records)
    written = f" The zone group {made.zone_group} wrote into {made.zone}:{records}" if made.zone else ""
    return f"✓ Your deployment is complete: {made.endpoint.name}.{written}"


endpoint_form = EndpointForm  # a notebook calls it as it calls every step
