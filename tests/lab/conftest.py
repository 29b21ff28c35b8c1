"""Things put into the lab's Azure, as the steps' tests have them."""

from tests.steps.conftest import azure as azure
