"""A packet filter on a listening socket: which callers get no answer at all when they open a connection.

What security rules drop must look dropped. Once the kernel has answered a SYN, the caller has a connection; so the SYN
is left unanswered, by a classic BPF program that the kernel asks of each packet for the listener. Connections that are
open stay as they are. It needs neither root nor iptables.
Source: socket(7), SO_ATTACH_FILTER; linux/filter.h
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import struct
from collections.abc import Iterable, Iterator
from itertools import groupby

SO_ATTACH_FILTER = 26
ACCEPT, DROP = 0xFFFFFFFF, 0
_WORD, _BYTE, _EQUAL, _AND, _JUMP, _RETURN = 0x20, 0x30, 0x15, 0x54, 0x05, 0x06
_FLAGS, _SYN_OR_ACK, _SYN = 13, 0x12, 0x02  # of a TCP header, where a filter begins to read
_SOURCE, _DESTINATION = (-0x100000 + offset for offset in (12, 16))  # in the IP header before it: SKF_NET_OFF

Instruction = tuple[int, int, int, int]  # code, skipped if true, skipped if false, operand


def attach(listener: socket.socket, dropped: Iterable[tuple[str, str]]) -> None:
    """Leave connections unanswered from now on, in place of what was said before.

    Args:
        dropped: a caller's address, and the one that it wants to connect to.

    Raises: OSError: more than the kernel takes, a thousand or so.
    """
    program = b"".join(struct.pack("HBBI", c, t, f, k & 0xFFFFFFFF) for c, t, f, k in _program(dropped))
    held = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HP", len(program) // 8, ctypes.addressof(held))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, described)


def _program(dropped: Iterable[tuple[str, str]]) -> Iterator[Instruction]:
    yield (_BYTE, 0, 0, _FLAGS)
    yield (_AND, 0, 0, _SYN_OR_ACK)
    yield (_EQUAL, 1, 0, _SYN)
    yield (_RETURN, 0, 0, ACCEPT)
    for source, pairs in groupby(sorted(dropped), key=lambda pair: pair[0]):
        body = [(_WORD, 0, 0, _DESTINATION), *(one for _, to in pairs for one in _drop_to(to))]
        yield (_WORD, 0, 0, _SOURCE)
        yield (_EQUAL, 1, 0, _number(source))
        yield (_JUMP, 0, 0, len(body))
        yield from body
    yield (_RETURN, 0, 0, ACCEPT)


def _drop_to(address: str) -> tuple[Instruction, ...]:
    return (_EQUAL, 0, 1, _number(address)), (_RETURN, 0, 0, DROP)


def _number(address: str) -> int:
    return int(ipaddress.IPv4Address(address))
