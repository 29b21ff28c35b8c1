"""Draw the lab in a picture that follows it, marks what the last step changed, and shows a request's way on a click."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrlab.doctor.drawing.lab import Picture, as_lines, as_svg, drawing
from acrlab.doctor.observe import survey
from acrlab.doctor.story import INTERNET, Story, tell, tell_from_outside
from acrlab.lab.lab import Lab
from acrlab.snapshot import Snapshot
from acrlab.widgets.control import Control
from acrlab.widgets.following import Changes, Follower, follow

if TYPE_CHECKING:
    import ipywidgets

FILES = Path(__file__).parent


class LivePicture(Control):
    """Draw the lab in a picture that follows it while cells run; a still one where no one can click."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._changes = Changes(survey(lab))

    @property
    def picture(self) -> Picture:
        """The picture as it stands now."""
        return Picture(self._changes.now, self._changes.before)

    def look(self) -> None:
        """Read the lab again."""
        self._seen(survey(self._lab), None)

    def _twin(self) -> Picture:
        return self.picture

    def _built(self) -> ipywidgets.DOMWidget:
        self._view = _view()
        self._draw()
        follower = Follower(self._lab, survey, self._seen, self._failed)
        self._view.on_msg(lambda _view, _message, _buffers: follower.look())
        follow("picture", follower)
        return self._view

    def _seen(self, snapshot: Snapshot, step: object) -> None:
        if self._changes.see(snapshot, step) and "widget" in self.__dict__:
            self._draw(f"Changed by {step}" if step else "Changed")

    def _failed(self, told: str) -> None:
        self._view.note = f"The lab could not be read: {told}"

    def _draw(self, note: str = "") -> None:
        """All at once, so that no picture is shown with another one's stories."""
        now, before = self._changes.now, self._changes.before
        with self._view.hold_sync():
            self._view.svg = as_svg(now, before)
            self._view.words = "\n".join(as_lines(now, before))
            name = now.registry.login_server if now.registry else self._lab.settings.login_server
            self._view.stories = stories(now, name)
            self._view.note = note


def stories(snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    """Tell what requests can be sent along the picture: a caption, and hops with the points that each moves along."""
    inside = snapshot.vm.name if snapshot.vm else "the network"
    told = {f"Send a request from {inside}": tell(snapshot, name)}
    told["Send one from the internet"] = tell_from_outside(snapshot, name)
    return [{"caption": caption, **_placed(snapshot, story)} for caption, story in told.items()]


def _placed(snapshot: Snapshot, story: Story) -> dict[str, Any]:
    drawn, hops = drawing(snapshot), []
    at = next((hop.at.lower() for hop in story.hops if drawn.shows(hop.at.lower())), INTERNET)
    for hop in story.hops:
        to = hop.at.lower() if drawn.shows(hop.at.lower()) else at
        way = drawn.route(at, to, stopped=not hop.passed)
        hops.append({"who": hop.who, "does": hop.does, "passed": hop.passed, "way": way})
        at = to
    return {"arrives": story.arrives, "hops": hops}


def _view() -> Any:
    from anywidget import AnyWidget
    from traitlets import List, Unicode

    class View(AnyWidget):
        """Draws what Python has drawn, and moves a mark along it; ipywidgets have no drawing that can be moved on."""

        _esm = FILES / "live_picture.js"
        _css = FILES / "live_picture.css"
        svg = Unicode().tag(sync=True)
        words = Unicode().tag(sync=True)
        stories: List[Any] = List().tag(sync=True)
        note = Unicode().tag(sync=True)

    return View()


live_picture = LivePicture  # a notebook calls it as it calls every step
