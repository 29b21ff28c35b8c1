"""Which credential is in use, and which were tried before it, by kind alone."""

from azure.core.credentials import AccessToken
from azure.identity import ChainedTokenCredential, CredentialUnavailableError

from acrlab.backends.live import kind_in_use, tried_before


class EmptyCredential:
    """Has nothing to give."""

    def get_token(self, *scopes, **options):
        raise CredentialUnavailableError("nothing here")


class FullCredential:
    """Has a token."""

    def get_token(self, *scopes, **options):
        return AccessToken("not shown", 2**33)


class UnmadeCredential(EmptyCredential):
    """Lacked what it needs before it was made; a chain keeps its name."""

    _credential_name = "WorkloadIdentityCredential"


def test_of_a_chain_the_link_that_gave_a_token_is_in_use_and_those_before_it_were_tried():
    chain = ChainedTokenCredential(EmptyCredential(), UnmadeCredential(), FullCredential(), EmptyCredential())
    chain.get_token("scope")

    assert kind_in_use(chain) == "FullCredential"
    assert tried_before(chain) == ("EmptyCredential", "WorkloadIdentityCredential")


def test_a_chain_that_gave_nothing_tried_every_link():
    assert tried_before(ChainedTokenCredential(EmptyCredential(), UnmadeCredential())) == (
        "EmptyCredential",
        "WorkloadIdentityCredential",
    )


def test_a_credential_alone_tried_nothing_before():
    assert (kind_in_use(FullCredential()), tried_before(FullCredential())) == ("FullCredential", ())
