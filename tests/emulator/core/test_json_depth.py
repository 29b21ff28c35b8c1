"""What clients nest is read as deep everywhere: a browser's Python would not survive what is deeper."""

import json

import pytest

from acrlab.emulator.core.json_depth import DEEPEST, loads


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_reads_what_python_reads(encoding):
    value = {"a": ["ä", 1.5, None, True, {"b": []}]}

    assert loads(json.dumps(value, ensure_ascii=False).encode(encoding)) == value


def test_so_deep_and_no_deeper():
    assert json.dumps(loads(nested(DEEPEST))) == nested(DEEPEST)
    with pytest.raises(RecursionError, match="nested deeper than 512"):
        loads(nested(DEEPEST + 1))


@pytest.mark.parametrize("raw", [b"[" * 200_000, b'{"a":' * 200_000, b'{"a":[' * 99_999 + b"1" + b"]}" * 99_999])
def test_what_is_far_too_deep_is_refused_before_it_is_read(raw):
    with pytest.raises(RecursionError):
        loads(raw)


def test_brackets_in_a_text_and_beside_each_other_are_not_inside_each_other():
    value = ["[" * 9999, '"[{' * 9999, *([[]] * 9999)]

    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize("raw", [b"[" * 9, b'"' + b"[" * 9, b"]" * 9999, b"\xff"])
def test_what_is_no_json_is_a_value_error(raw):
    with pytest.raises(ValueError):  # noqa: PT011 json's own, or that of bytes that are not text
        loads(raw)
