"""`acrlab class rights`: scripts for `az` that give a class its rights on a real subscription, and take them away."""

from __future__ import annotations

from acrlab.cli.classroom.labs import CLASS, Out, Roster
from acrlab.cli.console import say


def rights(roster: Roster, out: Out = CLASS) -> None:
    """Write a script that gives each learner exactly the permissions that the chapters need, on their own groups only.

    The roster identifies each learner to Azure: by object_id, or by sign_in, which is looked up when the script runs. A
    second script removes the permissions. Both can be run again. This command itself asks Azure nothing.

    `acrlab class plan ROSTER --backend azure --out DIR` has to come first: it writes the settings that are read here.

    Example:

      acrlab class rights class.csv && bash class/rights-give.sh
    """
    from acrlab.classroom.members import with_settings
    from acrlab.classroom.rights import Holder, actions, write_scripts

    holders = [Holder(learner, settings) for learner, _, settings in with_settings(roster, out)]
    give, take = write_scripts(holders, out)
    say(f"{len(holders)} learners, {len(actions())} actions each, in {2 * len(holders)} resource groups of their own.")
    say(f"To give the permissions, as someone who may assign roles there: bash {give}")
    say(f"To remove them: bash {take}")
