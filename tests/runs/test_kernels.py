"""Kernels that are started ahead of their notebooks."""

import tempfile
from pathlib import Path

import pytest
from jupyter_client.connect import ConnectionFileMixin

from acrlab.runs.kernels import Kernels


def test_a_start_that_is_interrupted_leaves_no_file_of_ports_and_keys(tmp_path, monkeypatch):
    written = []

    def interrupted(manager, **ports):
        Path(manager.connection_file).write_text("{}")
        written.append(manager.connection_file)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ConnectionFileMixin, "write_connection_file", interrupted)
    kernels = Kernels(tmp_path, log=tmp_path / "kernels.log", backend="emulator")

    with pytest.raises(KeyboardInterrupt):
        kernels.start("a", {})
    kernels.close()

    assert len(written) == 1
    assert list(tmp_path.glob("*.json")) == []
