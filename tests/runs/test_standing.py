"""A run that stops on a real subscription says what stands, what it costs an hour, and how to take it away."""

import acrlab
from acrlab.runs.standing import after_a_stop, standing


def test_what_stands_is_named_with_its_price_and_the_way_to_take_it_away(lab):
    acrlab.bring_to(lab, "zone", "registry")

    what, how = standing(lab)
    lab.settings = lab.settings.model_copy(update={"backend": "azure"})
    paid, there = standing(lab)

    assert what.startswith("Standing, free here, about 0.070 US dollars an hour on a real subscription: ")
    assert paid.startswith("Standing, for about 0.070 US dollars an hour: ")
    assert "registries contoso42" in what
    assert how == "To take it away: acrlab clean-up --backend emulator --group myResourceGroup --registry contoso42"
    assert there.endswith(
        f"--backend azure --group myResourceGroup --registry contoso42 --subscription {lab.subscription}"
    )


def test_where_nothing_stands_that_is_said(lab):
    assert standing(lab) == ["Nothing of the lab stands on the subscription."]


def test_where_azure_cannot_be_asked_the_run_s_own_failure_is_still_told(monkeypatch):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)

    (told,) = after_a_stop({"backend": "azure"})

    assert told.startswith("What stands on the subscription could not be read: subscription")
