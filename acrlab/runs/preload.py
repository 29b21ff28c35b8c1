"""Load, in a kernel that waits for its turn, what every notebook will need and no notebook should wait for.

The imports are for a kernel's process; what only asks which there are never loads them.
"""

from __future__ import annotations


def load(backend: str) -> None:
    """Load the SDKs, the steps, and what the backend answers with."""
    import azure.containerregistry
    import azure.mgmt.compute
    import azure.mgmt.containerregistry
    import azure.mgmt.network
    import azure.mgmt.privatedns
    import azure.mgmt.resource.resources

    import acrlab.course.progress
    import acrlab.course.tables
    import acrlab.steps.pull

    match backend:
        case "emulator":
            import acrlab.emulator.transport
        case "azure":
            import azure.identity
        case "replay":
            import acrlab.backends.replay
