"""A group of its own for each test that deploys."""

import pytest

from tests.emulator.deployments.test_deployments import Desk


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.azure.close()
