"""The picture of a lab: what it shows, in SVG and in words, and what it marks."""

from __future__ import annotations

import base64
import itertools
import re
import xml.etree.ElementTree as ET

import pytest

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.doctor.drawing.boxes import Box, Drawing, Line
from acrlab.doctor.drawing.lab import as_svg
from acrlab.doctor.drawing.svg import fitted, text_width
from acrlab.steps.beyond import hub
from acrlab.steps.private_link import endpoint_body, put_endpoint


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


def drawn(picture):
    return as_svg(picture.snapshot, picture.before)


def test_the_words_say_all_that_stands_in_the_picture(working):
    shown = repr(acrlab.picture(working)).splitlines()

    assert shown == [
        "  network 10.0.0.0/16 myDockerVMVNET",
        "      myDockerVMSubnet 10.0.0.0/24, 248 free",
        "        VM myDockerVM 10.0.0.4, running",
        "        endpoint myPrivateEndpoint, Approved",
        "          10.0.0.6, 10.0.0.5",
        "  private zone privatelink.azurecr.io",
        "      linked to myDockerVMVNET",
        "      contoso42 → 10.0.0.6",
        "      contoso42.westus.data → 10.0.0.5",
        "  registry Premium, westus contoso42.azurecr.io",
        "      public access Enabled",
        "      default action Allow, no rules",
        "      myPrivateEndpoint: Approved",
        "  everybody else the internet",
        "  myDockerVMVNET reaches contoso42 by its private endpoint: Approved",
        "  the internet is let in",
    ]


def test_the_drawing_is_well_formed_and_says_the_same_in_its_description(working):
    picture = acrlab.picture(working)

    root = ET.fromstring(drawn(picture))

    title, description = root[0], root[1]
    assert (root.get("role"), title.text) == ("img", "The lab")
    assert [line for line in repr(picture).splitlines() if line.strip() not in description.text] == []


def test_the_same_lab_gives_the_same_bytes(working):
    assert acrlab.picture(working)._repr_html_() == acrlab.picture(working)._repr_html_()


def test_what_changed_since_an_earlier_picture_is_marked_and_the_rest_is_not(working):
    before = acrlab.picture(working)
    acrlab.deny_public_access(working)

    now = acrlab.picture(working, since=before)

    assert [line[2:] for line in repr(now).splitlines() if line.startswith("+")] == [
        "registry Premium, westus contoso42.azurecr.io"
    ]
    assert drawn(now).count('class="new"') == 1
    assert "new or changed" in drawn(now)
    assert "underline" not in drawn(now)  # which is how a link looks
    assert ">refused<" in drawn(now)


def test_a_colour_is_never_alone(working):
    shown = drawn(acrlab.picture(working))

    assert [word for word in ("private endpoint: Approved", "let in", "linked") if f">{word}<" not in shown] == []


def test_many_endpoints_are_counted_and_the_drawing_stays_small(working):
    subnet = working.id_of("Microsoft.Network/virtualNetworks/subnets", "myDockerVMVNET", "myDockerVMSubnet")
    for number in range(30):
        put_endpoint(working, "myResourceGroup", f"e{number}", endpoint_body(working, subnet, f"c{number}"))

    shown = drawn(acrlab.picture(working))

    assert "… and 23 more endpoints" in shown
    assert int(re.search(r'viewBox="0 0 \d+ (\d+)"', shown)[1]) < 600


def test_an_empty_subscription_has_a_picture_too(lab):
    assert repr(acrlab.picture(lab)).splitlines() == ["  everybody else the internet", "  there is no registry"]


def test_its_styles_reach_nothing_else_on_a_page(working):
    style = re.search(r"<style>(.*?)</style>", drawn(acrlab.picture(working)))[1]

    assert [r for r in re.findall(r"([^{}]+)\{", style) if not r.startswith(".acrlab-lab")] == []


def test_on_a_page_it_is_an_image_with_a_sentence_and_its_words_below(working):
    picture = acrlab.picture(working)
    html = picture._repr_html_()

    assert base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)[1]).decode() == drawn(picture)
    assert re.search(r'alt="([^"]*)"', html)[1] == (
        "The lab: myDockerVMVNET reaches contoso42 by its private endpoint: Approved; the internet is let in"
    )
    assert html.endswith(f"<pre>{picture}</pre></details>")
    assert "<svg" not in html


def test_it_follows_no_theme_of_a_system_that_may_not_be_the_page_s(working):
    shown = drawn(acrlab.picture(working))

    assert "prefers-color-scheme" not in shown
    assert (
        re.search(r'<rect class="ground" width="(\d+)" height="(\d+)"', shown).groups()
        == re.search(r'viewBox="0 0 (\d+) (\d+)"', shown).groups()
    )


# -- the drawing alone -------------------------------------------------------------------------------------------------

LAB = Drawing(
    (
        [Box("n", "network", "kind", ("subnet", "  VM", "  endpoint"), (("m", 1), ("e", 2)))],
        [Box("z", "zone", "kind", ("a → b",))],
        [Box("r", "registry", "kind", ("x", "y")), Box("i", "internet", "kind", ())],
    ),
    [Line("n", "z", "ask", "linked"), Line("e", "r", "yes", "endpoint"), Line("r", "i", "no", "refused")],
)
PLACES = "nmezri"


def boxes(drawing):
    """Left, top, right, bottom of each box."""
    found = re.findall(r'<g[^>]*><rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', drawing.svg("t", "d"))
    return [(x, y, x + w, y + h) for x, y, w, h in (tuple(map(int, one)) for one in found)]


def test_every_station_has_a_place_of_its_own():
    assert len({tuple(LAB.route(one, one)[0]) for one in PLACES}) == len(PLACES)


@pytest.mark.parametrize("one", PLACES)
@pytest.mark.parametrize("other", PLACES)
def test_a_way_goes_along_straight_lines_and_through_no_other_box(one, other):
    start, end = LAB.route(one, one)[0], LAB.route(other, other)[0]
    points = [start, *LAB.route(one, other)]

    assert points[-1] == end
    passed = [b for b in boxes(LAB) if not any(b[0] < x < b[2] and b[1] < y < b[3] for x, y in (start, end))]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        assert x == to_x or y == to_y
        for left, top, right, bottom in passed:
            assert max(x, to_x) <= left or min(x, to_x) >= right or max(y, to_y) <= top or min(y, to_y) >= bottom


@pytest.mark.parametrize("one", ["e", "m", "z", "i"])
def test_who_is_refused_stays_outside(one):
    x, y = LAB.route(one, "r", stopped=True)[-1]
    left, top, right, bottom = boxes(LAB)[2]

    assert not (left - 8 < x < right + 8 and top - 8 < y < bottom + 8)


def test_a_question_that_is_not_answered_has_been_asked_nevertheless():
    assert LAB.route("i", "z", stopped=True) == LAB.route("i", "z")


def test_a_long_name_is_cut_to_its_box_and_told_in_full():
    name = "m" * 64
    box = Box("n", name, "kind", (f"  VM {name} 10.0.0.4, running",))
    shown = Drawing(([box], [], []), []).svg("t", "d")

    assert boxes(Drawing(([box], [], []), []))[0][2] <= 350
    assert f"<title>{name}</title>m" in shown
    assert f"<title>VM {name} 10.0.0.4, running</title>VM mmm" in shown
    for text in re.findall(r"</title>([^<]+)</text>", shown):
        assert text_width(text, 13) <= 330


def test_what_is_cut_keeps_its_beginning_and_its_end():
    assert fitted("myregistrybe60c510.azurecr.io", 140, 13) == "myregistr…zurecr.io"
    assert fitted("short", 140, 13) == "short"


def test_wide_letters_count_as_wide():
    assert text_width("größe-日本", 10) > text_width("grosse-jp", 10)


def test_a_resolver_stands_in_its_network_and_a_ruleset_between_networks_and_registry(working):
    spoke = hub.spoke(working)
    hub.ensure_client(spoke)
    hub.ensure_peering(working, spoke)
    hub.ensure_ruleset(working, hub.ensure_resolver(working))
    apart = repr(acrlab.picture(spoke)).splitlines()
    hub.ensure_ruleset_link(working, spoke)

    shown = repr(acrlab.picture(spoke)).splitlines()

    assert "        inbound endpoint 10.0.17.4 of myResolver" in shown
    at = shown.index("  forwarding ruleset myRuleset")
    assert shown[at + 1 : at + 3] == ["      linked to mySpokeVNET", "      azurecr.io. → 10.0.17.4"]
    assert apart[apart.index("  forwarding ruleset myRuleset") + 1] == "      linked to no network"
    assert drawn(acrlab.picture(spoke)).count(">linked<") == 2
