"""Types of which there are none: readers are told so, and nothing can be made."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError


@pytest.fixture(params=["images"])
def operations(request, cloud):
    return getattr(cloud.compute, request.param)


def test_there_are_none(operations):
    assert list(operations.list_by_subscription() if hasattr(operations, "list_by_subscription") else ()) == []
    with pytest.raises(ResourceNotFoundError) as caught:
        operations.get("g", "NoSuchImage99")

    assert caught.value.error.code == "ResourceNotFound"


def test_making_one_is_not_emulated(operations):
    make = getattr(operations, "begin_create_or_update", None) or operations.create_or_update
    with pytest.raises(HttpResponseError) as caught:
        make("g", "n", {"location": "westus"})

    assert caught.value.error.code == "NotEmulated"
