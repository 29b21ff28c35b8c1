"""A matrix: what each row runs with, and one clear line for what is wrong in it."""

from __future__ import annotations

import pytest

from acrlab.classroom.matrix import read_matrix
from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import find

ABOUT = {"notebooks": "n", "chapters": ["00-a"], "settings": {}, "world_settings": {}, "recording": ""}


@pytest.fixture
def rows(tmp_path, write_notebooks):
    """Read a matrix of this text."""
    notebooks = find(write_notebooks([]))

    def rows(text, given=(), **about):
        path = tmp_path / "m.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_matrix(path, notebooks, given, about={**ABOUT, **about})

    return rows


def test_a_row_has_its_parameters_over_those_of_all_rows(rows):
    text = "\ufefflocation,registry_name\r\nwesteurope,contoso1\r\n,contoso2\r\n\r\n"

    found = rows(text, [("location", "eastus"), ("owner", "me")])

    assert [row.values["parameters"] for row in found] == [
        {"location": "westeurope", "owner": "me", "registry_name": "contoso1"},
        {"location": "eastus", "owner": "me", "registry_name": "contoso2"},
    ]
    assert [row.label for row in found] == ["location=westeurope registry_name=contoso1", "registry_name=contoso2"]


def test_the_same_row_has_the_same_key_wherever_it_stands_and_a_doubled_one_another(rows):
    before = rows("location\nwestus\neastus\n")
    after = rows("location\nuksouth\nwestus\neastus\neastus\n")

    assert [row.key for row in after[1:3]] == [row.key for row in before]
    assert len({row.key for row in after}) == 4
    assert before[0].key != rows("location\nwestus\n", chapters=["01-b"])[0].key


WRONG = {
    "locatoin\nwestus\n": "line 2: locatoin: there is no such setting; did you mean location?",
    "location\nwestus\nmars\n": "line 3: location: there is no Azure region mars",
    "location\n=cmd\n": "line 2: location: there is no Azure region =cmd",
    "location,owner\nwestus\n": "line 2 has 1 values for 2 parameters.",
    "location,location\nwestus,eastus\n": "the first line has to name the parameters, each once",
    "": "the first line has to name the parameters, each once",
    "location\n": "m.csv has no row. Write one a line",
    "backend\nazure\n": "backend belongs to all rows: write --backend.",
    "world\nx.db\n": "line 2: world: this belongs to the whole run: write --world x.db.",
    'location\n"westus\n': "line 2 is not CSV: unexpected end of data.",
    b"location\n\xff\n": "m.csv is not text in UTF-8.",
    "location\n" + "westus\n" * 10_001: "m.csv has more than 10000 rows. Split it.",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_in_one_line(rows, text):
    with pytest.raises(ConfigurationError) as caught:
        rows(text)

    assert str(caught.value).removeprefix("--matrix: ").startswith(WRONG[text])
    assert str(caught.value).isprintable()


def test_two_rows_do_not_share_a_group_on_a_real_subscription(rows):
    given = [("backend", "azure"), ("subscription", "s")]

    with pytest.raises(ConfigurationError, match="lines 2 and 3 share the resource group 'rg'"):
        rows("resource_group,location\nrg,westus\nRG,eastus\n", given)

    assert len(rows("resource_group\nrg1\nrg2\n", given)) == 2
