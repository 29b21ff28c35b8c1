"""Load, before a kernel's first cell, what notebooks will need and no notebook should wait for.

The imports are for a kernel's process; what only asks which there are never loads them.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMON_TYPES = (str, bytes, bool, int, float, list, tuple, type(None))


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
            import acrlab.backends.emulator
            import acrlab.emulator.transport
        case "azure":
            import azure.identity
        case "replay":
            import acrlab.backends.replay


def load_kernel() -> None:
    """Load what a kernel of IPython loads as it starts, and at its first cells."""
    import faulthandler

    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import IPython.core.completerlib
    import IPython.core.debugger
    import IPython.core.logger
    import IPython.core.oinspect
    import IPython.extensions.storemagic
    import psutil
    import tornado.platform.asyncio


def load_chapters() -> None:
    """Load, besides, what some of the chapters need: the doctor, its pictures, practice, a served lab."""
    import acrlab.course.practice.exercise
    import acrlab.doctor.drawing.lab
    import acrlab.doctor.drawing.way
    import acrlab.doctor.observe.choices
    import acrlab.doctor.report
    import acrlab.doctor.story
    import acrlab.emulator.server.server
    import acrlab.serving.connection
    import acrlab.serving.vm
    import acrlab.steps.clean_up
    import acrlab.steps.portal


def tell_mappings_apart() -> None:
    """Ask once which of the common types are mappings; Python remembers the answers.

    The SDKs' models are mappings, thousands of them, and the first question about each type goes through all.
    """
    for kind in COMMON_TYPES:
        issubclass(kind, Mapping)


def load_late() -> None:
    """Load, besides, what is loaded only when it is first used: codecs, the backends, and what they stand on."""
    import encodings.idna
    import encodings.utf_8_sig

    import filelock

    import acrlab.backends.live
    import acrlab.doctor.observe.cluster
    import acrlab.doctor.observe.located
    import acrlab.lab.arm
