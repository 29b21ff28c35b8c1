"""What reaches the emulated Azure other than by HTTPS: names over DNS, and a VM's own questions for its identity."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acrlab.emulator.core.http import INTERNET, ArmError, Request
from acrlab.emulator.entra import instance_metadata
from acrlab.emulator.network import dns_server
from acrlab.emulator.network.reachability import vantage_of
from tests.emulator.invariants.odd import METADATA_PATHS, other_paths, requests
from tests.examples import often

KINDS = [kind for kind in dns.rdatatype.RdataType if kind not in (dns.rdatatype.TSIG, dns.rdatatype.OPT)]
LABELS = st.one_of(
    st.sampled_from(["contoso42", "privatelink", "azurecr", "io", "westus", "data", "geo", "www", "_tcp", "*"]),
    st.binary(min_size=1, max_size=63),
)


@pytest.fixture(scope="module")
def vantage(asked):
    vm = next(asked.world.of_type("Microsoft.Compute/virtualMachines"))
    return vantage_of(asked.world, vm)


@often(200)
@given(labels=st.lists(LABELS, max_size=5), kind=st.sampled_from(KINDS), inside=st.booleans())
@example(labels=[b"."], kind=dns.rdatatype.A, inside=False)
@example(labels=[b".", "contoso42"], kind=dns.rdatatype.A, inside=True)
@example(labels=[b"\\", b"a.b", "io"], kind=dns.rdatatype.A, inside=False)
def test_every_question_for_a_name_has_an_answer(asked, vantage, labels, kind, inside):
    wire = [label if isinstance(label, bytes) else label.encode() for label in labels]
    name = dns.name.Name([*wire, b""]) if sum(map(len, wire)) + len(wire) < 255 else dns.name.root
    question = dns.message.make_query(name, kind)

    reply = dns.message.from_wire(dns_server.answer(asked.world, question.to_wire(), vantage if inside else INTERNET))

    assert (reply.id, reply.question) == (question.id, question.question)
    assert reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


@often(200)
@given(question=st.binary(max_size=80))
def test_any_bytes_are_a_message_or_none(asked, vantage, question):
    try:
        reply = dns_server.answer(asked.world, question, vantage)
    except dns.exception.DNSException:
        return  # as the server does: it has no sender to answer

    assert reply[:2] == question[:2]


@often(100)
@given(request=requests(other_paths(METADATA_PATHS)))
def test_no_request_is_a_fault_of_the_metadata_service(asked, vantage, request):
    method, path, query, headers, body = request
    lower = {name.lower(): value for name, value in headers.items()}
    asked_for = Request(method, "169.254.169.254", path, query, lower, body, vantage=vantage)

    try:
        answer = instance_metadata.answer(asked.world, asked_for)
    except ArmError as refusal:
        answer = refusal.response()

    assert answer.status < 500 or answer.status == 501
