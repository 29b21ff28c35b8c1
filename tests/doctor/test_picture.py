"""The picture of a lab: what it shows, in SVG and in words, and what it marks."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

import acrlab
from acrlab.course.drill import READY
from acrlab.steps.private_link import endpoint_body, put_endpoint


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


def test_the_words_say_all_that_stands_in_the_picture(working):
    shown = repr(acrlab.picture(working)).splitlines()

    assert shown == [
        "  network 10.0.0.0/16 myDockerVMVNET",
        "      myDockerVMSubnet 10.0.0.0/24, 248 free",
        "        machine myDockerVM 10.0.0.4, running",
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

    drawn = ET.fromstring(picture._repr_html_())

    title, description = drawn[0], drawn[1]
    assert (drawn.get("role"), title.text) == ("img", "The lab")
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
    assert now._repr_html_().count('class="new"') == 1
    assert "new or changed" in now._repr_html_()
    assert ">refused<" in now._repr_html_()


def test_a_colour_is_never_alone(working):
    drawn = acrlab.picture(working)._repr_html_()

    assert ">private endpoint: Approved<" in drawn
    assert ">let in<" in drawn


def test_many_endpoints_are_counted_and_the_drawing_stays_small(working):
    subnet = working.id_of("Microsoft.Network/virtualNetworks/subnets", "myDockerVMVNET", "myDockerVMSubnet")
    for number in range(30):
        put_endpoint(working, "myResourceGroup", f"e{number}", endpoint_body(working, subnet, f"c{number}"))

    drawn = acrlab.picture(working)._repr_html_()

    assert "… and 23 more endpoints" in drawn
    assert int(re.search(r'viewBox="0 0 \d+ (\d+)"', drawn)[1]) < 600


def test_an_empty_subscription_has_a_picture_too(lab):
    assert repr(acrlab.picture(lab)).splitlines() == ["  everybody else the internet", "  there is no registry"]


def test_its_styles_reach_nothing_else_on_a_page(working):
    style = re.search(r"<style>(.*?)</style>", acrlab.picture(working)._repr_html_())[1]
    rules = re.sub(r"@media\([^)]*\)\{(.*)\}$|@media\([^)]*\)", "", style)

    assert [r for r in re.findall(r"([^{}]+)\{", rules) if not r.startswith(".acrlab-lab")] == []
