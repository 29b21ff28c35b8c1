"""What a client has packed is unpacked so far and no further."""

import gzip
import tracemalloc

import pytest

from acrlab.emulator.core.inflate import TooLong, inflated


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress])
def test_what_is_short_enough_is_unpacked_whether_it_was_packed_or_not(pack):
    assert inflated(pack(b"a" * 100), 100) == b"a" * 100
    with pytest.raises(TooLong, match=r"^it is longer than 100 bytes$"):
        inflated(pack(b"a" * 101), 100)


def test_a_long_file_in_a_few_bytes_takes_no_more_memory_than_it_may_be_long():
    packed = gzip.compress(bytes(2**28))
    tracemalloc.start()

    with pytest.raises(TooLong):
        inflated(packed, 2**20)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**23


def test_what_is_cut_off_is_no_archive():
    with pytest.raises(EOFError):
        inflated(gzip.compress(b"a" * 100)[:-9], 100)
