"""Names over real DNS messages: what a resolver's answer looks like on the wire."""

import dns.exception
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import pytest

from acrlab.emulator.core.http import INTERNET
from acrlab.emulator.network import dns_server
from acrlab.emulator.network.reachability import vantage_of

NAME = "contoso.azurecr.io."


@pytest.fixture
def ask(place):
    """Ask from the VM, or from the internet: the reply, read back from the wire."""
    vm = place.vm()
    place.registry()
    place.endpoint()

    def ask(name=NAME, kind="A", *, vantage=None):
        here = vantage or vantage_of(place.world, vm)
        question = dns.message.make_query(name, kind)
        reply = dns.message.from_wire(dns_server.answer(place.world, question.to_wire(), here))
        assert reply.id == question.id
        return reply

    return ask


def lines(section):
    return [line for found in section for line in found.to_text().splitlines()]


def test_a_linked_network_gets_the_private_address(place, ask):
    place.zone()
    place.record("contoso", "10.0.0.6")

    assert lines(ask().answer) == [
        "contoso.azurecr.io. 3600 IN CNAME contoso.privatelink.azurecr.io.",
        "contoso.privatelink.azurecr.io. 3600 IN A 10.0.0.6",
    ]


def test_the_internet_gets_a_public_one(ask):
    reply = ask(vantage=INTERNET)

    assert lines(reply.answer)[0] == "contoso.azurecr.io. 3600 IN CNAME contoso.privatelink.azurecr.io."
    assert reply.answer[-1].rdtype == dns.rdatatype.A


def test_a_missing_record_is_no_such_name_with_the_alias_and_the_zones_soa(place, ask):
    place.zone()
    reply = ask()

    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert lines(reply.answer) == ["contoso.azurecr.io. 3600 IN CNAME contoso.privatelink.azurecr.io."]
    assert lines(reply.authority)[0].startswith("privatelink.azurecr.io. 10 IN SOA azureprivatedns.net.")


def test_another_kind_of_record_is_an_empty_answer(ask):
    reply = ask(kind="AAAA", vantage=INTERNET)

    assert reply.rcode() == dns.rcode.NOERROR
    assert [found.rdtype for found in reply.authority] == [dns.rdatatype.SOA]


def test_nothing_is_asked_outside(ask):
    assert ask("www.example.com.", vantage=INTERNET).rcode() == dns.rcode.NXDOMAIN


def test_a_question_that_is_no_question_is_not_implemented(place):
    question = dns.message.make_query(NAME, "A")
    question.set_opcode(dns.opcode.STATUS)
    reply = dns.message.from_wire(dns_server.answer(place.world, question.to_wire(), INTERNET))

    assert reply.rcode() == dns.rcode.NOTIMP


@pytest.mark.parametrize("junk", [b"", b"\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_not_dns_is_not_answered(place, junk):
    with pytest.raises(dns.exception.DNSException):
        dns_server.answer(place.world, junk, INTERNET)


@pytest.mark.parametrize(
    ("labels", "zone"),
    [([b"a.b"], "a\\.b."), ([b"www", b"a.b", b"io"], "a\\.b.io."), ([b"a.b", b"azurecr", b"io"], "azurecr.io.")],
)
def test_a_dot_in_a_label_is_not_the_end_of_it(place, labels, zone):
    question = dns.message.make_query(dns.name.Name([*labels, b""]), "A")

    reply = dns.message.from_wire(dns_server.answer(place.world, question.to_wire(), INTERNET))

    assert (reply.rcode(), str(reply.authority[0].name)) == (dns.rcode.NXDOMAIN, zone)
