"""The fields of the portal's pages: what they offer, what stands in them, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acrlab.lab.lab import Lab
from acrlab.steps.portal_form import METHOD, SUB_RESOURCE, TYPE, EndpointRequest, Surroundings
from acrlab.widgets.control import Marked


class Fields:
    """A field for each answer that can be given, with room for what is wrong with it.

    Attributes:
        shown: name of an answer -> its field and that room.
    """

    def __init__(
        self, request: EndpointRequest, there: Surroundings, changed: Callable[[dict[str, Any]], None]
    ) -> None:
        """Args:
        changed: called with all answers when one of them has changed.
        """
        from ipywidgets import Combobox, Dropdown, RadioButtons, Text

        self._changed, self._filling, self._there = changed, True, there
        zone = RadioButtons(value=request.zone, options=[("Yes", True), ("No", False)], **_look())
        zone.description = "Integrate with private DNS zone"
        self._fields = {
            "resource_group": Combobox(value=request.resource_group, description="Resource group", **_look()),
            "name": Text(value=request.name, description="Name", **_look()),
            "region": Dropdown(description="Region", **_look()),
            "registry": Dropdown(description="Resource", **_look()),
            "sub_resource": Dropdown(options=[SUB_RESOURCE], description="Target sub-resource", **_look()),
            "network": Dropdown(description="Virtual network", **_look()),
            "subnet": Dropdown(description="Subnet", **_look()),
            "zone": zone,
        }
        self._marked = {name: Marked(field) for name, field in self._fields.items()}
        self.shown = {name: one.widget for name, one in self._marked.items()}
        for field in self._fields.values():
            field.observe(self._given, names="value")
        self.offer(there, request)

    def offer(self, there: Surroundings, request: EndpointRequest) -> None:
        """Offer what there is now. An answer stays; nothing is chosen where it is not offered any more."""
        self._filling, self._there = True, there
        network = there.network(request.network)
        self._fields["resource_group"].options = there.groups
        regions = sorted({request.region, *(n.location for n in there.networks)})
        for name, options in {
            "region": [(one, one) for one in regions],
            "registry": [(r.id.rpartition("/")[2], r.id) for r in there.registries],
            "network": [(n.name, n.id) for n in there.networks],
            "subnet": [(s.name, s.name) for s in network.subnets] if network else [],
        }.items():
            field, wanted = self._fields[name], getattr(request, name).lower()
            if list(field.options) != options:
                field.options = options
            field.value = next((value for _, value in options if value.lower() == wanted), None)
        self._filling = False

    def mark(self, wrong: dict[str, str]) -> None:
        """Say at each field what is wrong with it: name of the answer -> what; the others have nothing wrong."""
        for name, one in self._marked.items():
            one.mark(wrong.get(name, ""))

    def _given(self, change: Any) -> None:
        if self._filling:
            return
        answers = {name: field.value for name, field in self._fields.items()}
        given = {name: value for name, value in answers.items() if value is not None}
        if change["owner"] is self._fields["network"]:
            network = self._there.network(given["network"])
            given["subnet"] = network.subnets[0].name if network and network.subnets else ""
        self._changed(given)


def fixed(lab: Lab) -> dict[str, Any]:
    """Make fields for what the portal asks, too, and what has only one answer here."""
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


def _look() -> dict[str, Any]:
    from ipywidgets import Layout

    return {"layout": Layout(width="38rem", max_width="100%"), "style": {"description_width": "13rem"}}
