"""Long lists come in pages: how long one is, and where the next begins."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from acrlab.emulator.core.http import ArmError, Request, whole_number


def size_of(request: Request, most: int) -> int:
    """Tell how many items the caller wants at once. Raises: ArmError: `$top` is not a number above 0."""
    asked = request.query.get("$top", str(most))
    size = whole_number(asked)
    if not size:
        message = f"The value '{asked}' of the query parameter '$top' is invalid: it must be a whole number above 0."
        raise ArmError(400, "InvalidTopQueryParameter", message, gateway=True)
    return min(size, most)


def next_link(request: Request, token: str) -> str:
    """The address of the page behind `token`, with all that was asked of this one."""
    query = urlencode({**request.query, "$skiptoken": token}, quote_via=quote, safe="$")
    return f"{request.origin}{quote(request.path)}?{query}"
