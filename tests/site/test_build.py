"""A folder is replaced by a new site only where it holds nothing else."""

from __future__ import annotations

import json

import pytest

from acrlab.errors import ConfigurationError
from acrlab.site.build import MARK, build


@pytest.mark.parametrize(
    ("mark", "file"),
    [(None, "thesis.txt"), ({"holds": [MARK, "lab"]}, "thesis.txt"), ({"pyodide": "1"}, "lab"), ("{", "lab")],
    ids=["no site", "beside a site", "another tool's", "damaged"],
)
def test_what_is_not_the_site_s_own_is_never_lost(tmp_path, mark, file):
    (tmp_path / file).write_text("mine")
    if mark is not None:
        (tmp_path / MARK).write_text(mark if isinstance(mark, str) else json.dumps(mark))

    with pytest.raises(ConfigurationError, match=r"holds \S+, which no site has\. Name another folder\."):
        build(tmp_path, [], say=lambda text: None)

    assert (tmp_path / file).read_text() == "mine"
