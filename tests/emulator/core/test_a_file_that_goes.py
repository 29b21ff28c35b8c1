"""A world's file that is deleted or replaced while a kernel works on it: the next request says so."""

import pytest

import acrlab


@pytest.fixture
def lab(tmp_path):
    opened = acrlab.connect(world=str(tmp_path / "world.db"))
    acrlab.ensure_group(opened)
    yield opened
    opened.close()


def test_a_deleted_world_is_said_at_the_next_request(lab, tmp_path):
    (tmp_path / "world.db").unlink()

    with pytest.raises(acrlab.ConfigurationError, match=r"world\.db was deleted, or replaced .* run the chapter from"):
        acrlab.ensure_zone(lab)
    assert not (tmp_path / "world.db").exists()


def test_a_world_in_place_of_another_is_said_too(lab, tmp_path):
    acrlab.connect(world=str(tmp_path / "other.db")).close()
    (tmp_path / "other.db").replace(tmp_path / "world.db")

    with pytest.raises(acrlab.ConfigurationError, match="replaced by another file"):
        acrlab.ensure_zone(lab)


def test_a_world_that_another_command_changes_is_the_same_file(lab, tmp_path, monkeypatch):
    from acrlab.cli.app import main

    monkeypatch.setattr("sys.argv", ["acrlab", "reset", "--yes", "--world", str(tmp_path / "world.db")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code in (None, 0)

    with pytest.raises(acrlab.RefusedError, match=r"ResourceGroupNotFound.* run the chapter again from its first cell"):
        acrlab.ensure_zone(lab)
    acrlab.ensure_group(lab)
    assert acrlab.ensure_zone(lab).name == "privatelink.azurecr.io"
