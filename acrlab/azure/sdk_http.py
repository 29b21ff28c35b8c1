"""What the Azure SDKs have: a cloud's endpoints, a request's body in bytes, and a response that is already here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from azure.core import AzureClouds
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict
from azure.mgmt.core.tools import get_arm_endpoints

from acrlab.azure.cloud import Cloud


def setting_of(cloud: Cloud) -> AzureClouds:
    """Give the SDK's name for a cloud, which its clients take."""
    return AzureClouds[cloud.sdk_name]


def management_of(cloud: Cloud) -> str:
    """Name where a cloud's Resource Manager is, e.g. `https://management.azure.com`."""
    return str(get_arm_endpoints(setting_of(cloud))["resource_manager"]).rstrip("/")


def management_scope_of(cloud: Cloud) -> str:
    """Name the scope that a token for a cloud's Resource Manager is asked for with."""
    return str(get_arm_endpoints(setting_of(cloud))["credential_scopes"][0])


def body_of(request: HttpRequest) -> bytes:
    """Read a request's body, as the sockets' transport would write it."""
    body = getattr(request, "content", None) or getattr(request, "data", None) or b""
    if hasattr(body, "read"):
        body = body.read()
    elif isinstance(body, Mapping):  # a form; enumerations that are strings count as their value
        body = urlencode({name: v.encode() if isinstance(v, str) else v for name, v in body.items()})
    elif not isinstance(body, str | bytes):
        body = b"".join(body)
    return body.encode() if isinstance(body, str) else bytes(body)


class WholeResponse(HttpResponse):
    """Nothing of it is still on the way: streams give it in one piece."""

    def __init__(self, request: HttpRequest, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self._request, self._status, self._content = request, status, content
        self._headers = case_insensitive_dict(headers)
        self._encoding: str | None = "utf-8"
        self._closed = False

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._status

    @property
    def headers(self) -> Any:
        return self._headers

    @property
    def reason(self) -> str:
        return HTTPStatus(self._status).phrase

    @property
    def content_type(self) -> str | None:
        return self._headers.get("Content-Type")

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def content(self) -> bytes:
        return self._content

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    def text(self, encoding: str | None = None) -> str:
        return self._content.decode(encoding or self._encoding or "utf-8")

    def json(self) -> Any:
        return json.loads(self._content)

    def read(self) -> bytes:
        return self._content

    def iter_raw(self, **kwargs: Any) -> Iterator[bytes]:
        yield self._content

    def iter_bytes(self, **kwargs: Any) -> Iterator[bytes]:
        yield self._content

    # Clients of another generation ask by these names; azure-core's own responses still know them.

    def body(self) -> bytes:
        return self._content

    def stream_download(self, pipeline: object, **kwargs: Any) -> Iterator[bytes]:
        return self.iter_bytes()

    def raise_for_status(self) -> None:
        if self._status >= 400:
            raise HttpResponseError(response=self)

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> WholeResponse:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
