"""Linux system calls that Python's library does not have (before 3.12).

Source: unshare(2), setns(2), mount(2), prctl(2), user_namespaces(7)
"""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

NEW_MOUNTS, NEW_USER, NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
_DETACH = 2
_PARENT_DIED = 1


def unshare(spaces: int) -> None:
    """Move this process into new namespaces. Raises: OSError: the kernel, or a policy, does not allow it."""
    _checked(_libc().unshare(ctypes.c_int(spaces)), "unshare")


def enter(file: int, space: int = 0) -> None:
    """Move this process into the namespace of an open file. Raises: OSError."""
    _checked(_libc().setns(ctypes.c_int(file), ctypes.c_int(space)), "setns")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """Mount a file system. Raises: OSError."""
    words = (os.fsencode(word) if word is not None else None for word in (source, target, kind))
    data = os.fsencode(options) if options is not None else None
    _checked(_libc().mount(*words, ctypes.c_ulong(flags), data), f"mount {target}")


def unmount(target: str) -> None:
    """Unmount a file system. Raises: OSError."""
    _checked(_libc().umount2(os.fsencode(target), ctypes.c_int(_DETACH)), f"umount {target}")


def keep_mounts_to_ourselves() -> None:
    """Make mounts private: none that is made from now on shows in another namespace."""
    mount("none", "/", None, RECURSIVE | PRIVATE)


def die_with_parent(parent: int = 0) -> None:
    """Let the kernel kill this process when the one that started it ends; at once where that has ended already.

    Args:
        parent: its process id; 0: it is known to wait for this process.
    """
    _libc().prctl(ctypes.c_int(_PARENT_DIED), ctypes.c_ulong(signal.SIGKILL))
    # The kernel tells of deaths to come only. Source: prctl(2), PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(0)


def become_root_of_new_spaces(spaces: int) -> None:
    """Make namespaces without being root: a user namespace around them has this user as its root.

    Raises: OSError: the kernel, or a policy, does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    unshare(NEW_USER | spaces)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"0 {user} 1\n")
    (own / "gid_map").write_text(f"0 {group} 1\n")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
