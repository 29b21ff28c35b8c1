"""A small `kubectl`: run, apply, get, describe, logs, delete and wait, for pods, deployments, nodes and events.

Source: layouts and sentences of https://kubernetes.io/docs/reference/kubectl/
"""

from acrlab.emulator.kubernetes.kubectl.command import KUBECTL

__all__ = ["KUBECTL"]
