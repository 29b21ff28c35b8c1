"""How many examples a property-based test tries: the same few in `make test`, many new ones in `make fuzz`."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

FUZZING = bool(os.environ.get("ACRLAB_FUZZING"))
MORE = 10


def often(most: int, **more: Any) -> settings:
    """Settings for a test that tries `most` examples in `make test`, and `MORE` times as many in `make fuzz`."""
    examples = MORE * most if FUZZING else most
    return settings(
        max_examples=examples,
        derandomize=not FUZZING,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
