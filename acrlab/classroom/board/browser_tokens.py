"""What a browser posts to the board with: a token for one learner, which holds as long as the code it was given for.

Nothing of a token is kept: it is computed from a secret of the board's and from what is kept of the learner's code. So
one ends when that code is renewed, and no file can lose or leak it.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from acrlab.classroom.hub import codes

KIND = "browser"  # its first word, by which it is told from a token of the hub


class Tokens:
    """Gives tokens out, and knows whose one is."""

    def __init__(self, secret: bytes, kept_codes: Path) -> None:
        self._secret, self._codes = secret, kept_codes

    def given(self, learner: str) -> str:
        """Make the learner's token. Raises: ConfigurationError: the codes can't be read."""
        return f"{KIND}.{learner}.{self._sign(learner)}"

    def holder(self, token: str) -> str:
        """Say whose token it is; empty: it is none, or the code has been renewed since.

        Raises: ConfigurationError: the codes can't be read.
        """
        kind, _, rest = token.partition(".")
        learner, _, sign = rest.partition(".")
        right = kind == KIND and hmac.compare_digest(sign.encode(), self._sign(learner).encode())
        return learner if right and codes.kept(self._codes, learner) else ""

    def _sign(self, learner: str) -> str:
        told = "\n".join((KIND, learner, codes.kept(self._codes, learner)))
        return hmac.new(self._secret, told.encode(), hashlib.sha256).hexdigest()
