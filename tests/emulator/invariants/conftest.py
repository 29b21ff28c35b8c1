"""A whole lab in an emulated Azure, that is asked what no client means."""

import pytest

import acrlab


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    from tests.emulator.invariants.odd import Asked  # which loads the server

    folder = tmp_path_factory.mktemp("odd")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ACRLAB_HOME", str(folder))
        patched.delenv("ACRLAB_WORLD", raising=False)
        lab = acrlab.connect(registry_name="contoso42")
        acrlab.bring_to(lab, "sample-image", "pull-right", "records")
        asked = Asked(lab.backend.azure, folder)
        yield asked
        asked.close()
        lab.close()
