"""Secrets and personal data of many kinds, as answers of services hold them; each made up, in pieces or by chance.

A `|` is a seam: it is taken out, so that nothing of this file is taken for what it stands for.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from dataclasses import dataclass
from urllib.parse import quote

CHANCE = random.Random(7)


def guid() -> str:
    return str(uuid.UUID(int=CHANCE.getrandbits(128), version=4))


def letters(count: int) -> str:
    return base64.b64encode(CHANCE.randbytes(count)).decode()


def b64(text: str, coding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(coding)).decode()


SUB, TENANT, OBJECT = guid(), guid(), guid()
SIGNATURE, KEY, OPAQUE, SHORT = letters(32), letters(64), "1.AXoA" + letters(300), "n3w" + letters(24)[:29]
JWT = "e|yJ0eXAiOiJKV1QifQ.e|yJ1cG4iOiJ4In0xMjM.abcDEF123".replace("|", "")
ID = f"/subscriptions/{SUB}/resourceGroups/myResourceGroup/providers/a/b/c"


@dataclass(frozen=True)
class Crafted:
    """What an answer holds, and what of it must not be read.

    Attributes:
        seen: whether a scan sees it, too; what only a recording hides looks like any other word.
    """

    body: str
    secret: str
    kind: str = "application/json"
    seen: bool = True


def said(value: object, secret: str, *, seen: bool = True) -> Crafted:
    return Crafted(json.dumps(value).replace("|", ""), secret.replace("|", ""), seen=seen)


def text(value: str, secret: str, kind: str = "text/plain", *, seen: bool = True) -> Crafted:
    return Crafted(value.replace("|", ""), secret.replace("|", ""), kind, seen)


STORE = "https://a.blob.core.windows.net/c?sv=1&"
NAMED = ("description", "message")  # keys that stay
CRAFTED: dict[str, Crafted] = {
    "SAS": said({"message": f"{STORE}sig={SIGNATURE}"}, SIGNATURE),
    "SAS, percent-encoded": said({"message": f"{STORE}sig={quote(SIGNATURE, safe='')}"}, quote(SIGNATURE, safe="")),
    "SAS in XML": text(f"<Uri>{STORE.replace('&', '&amp;')}sig={SIGNATURE}</Uri>", SIGNATURE, "application/xml"),
    "SAS that begins so": said({"message": f"sig={SIGNATURE}&sv=2022"}, SIGNATURE),
    "SAS, escaped": text(f"data: {STORE[:-1]}\\u0026sig={SIGNATURE}", SIGNATURE),
    "polling address": said({"nextLink": f"https://x/y?t=63871&c=MIIH{KEY}&s={SIGNATURE}&h={letters(32)}"}, SIGNATURE),
    "refresh token": said({"refresh_token": OPAQUE}, OPAQUE),
    "refresh token, another key": said({"refreshToken": OPAQUE}, OPAQUE),
    "refresh token in a text": text(f"refresh_token={OPAQUE}", OPAQUE),
    "token": said({"message": f"Bearer {JWT}"}, JWT),
    "token in base64": said({"message": b64(f"Authorization: Bearer {JWT}")}, b64(f"Authorization: Bearer {JWT}")),
    "registry password in a table": text(f"USERNAME  PASSWORD\nr  {SHORT}", SHORT),
    "registry passwords": said({"passwords": [{"name": "password", "value": SHORT}]}, SHORT),
    "a short password": said({"value": [{"name": "password", "value": "geheim77"}]}, "geheim77", seen=False),
    "storage key": said({"keys": [{"keyName": "key1", "value": KEY}]}, KEY),
    "storage key of the account": said({"value": [{"keyName": "key1", "value": KEY}]}, KEY),
    "connection string": said({"message": f"AccountName=a;Account|Key={KEY};EndpointSuffix=x"}, KEY),
    "connection string with a password": said({"message": "Server=tcp:x;Pass|word=Hunter2!geheim;"}, "Hunter2!geheim"),
    "OpenSSH key": said({"message": f"-----BEGIN| OPENSSH PRIVATE KEY-----\n{KEY}\n"}, KEY),
    "PuTTY key": said({"message": f"PuTTY|-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\n{KEY}"}, KEY),
    "certificate": said({"message": f"-----BEGIN| CERTIFICATE-----\n{KEY}\n-----END"}, KEY),
    "docker's sign-in": said({"auths": {"r.io": {"au|th": b64("user:geheim123")}}}, b64("user:geheim123")),
    "basic sign-in": text("Authorization: Basic " + b64("user:geheim123"), b64("user:geheim123")),
    "sign-in of an address": said({"message": "https:/|/anna:geheimUrl@|x.de/y"}, "geheimUrl"),
    "cloud-init": said(
        {"osProfile": {"custom|Data": b64("#cloud-config\npassword: geheim")}}, b64("#cloud-config")[:16]
    ),
    "admin password": said({"osProfile": {"admin|Pass|word": "Ge|heim123!"}}, "Geheim123!"),
    "protected settings": said({"protected|Settings": {"commandToExecute": "mount -p geheim4"}}, "geheim4"),
    "docker hub token": said({"message": "dckr|_pat_" + "aB3" * 9}, "dckr_pat_" + "aB3" * 9),
    "client secret": said({"message": "abc8|Q~" + "x1Y" * 11 + "z"}, "abc8Q~" + "x1Y" * 11),
    "byte order mark": text("\ufeff" + json.dumps({"pass|word": "geheimBOM"}), "geheimBOM", "application/json"),
    "JSON lines": text('{"pass|word": "geheimNDJ"}\n{"size": 1}\n', "geheimNDJ", "application/x-ndjson"),
    "JSON in JSON": said({"message": json.dumps({"message": json.dumps({"pass|word": "geheimN"})})}, "geheimN"),
    "output of a command": said({"message": "[stdout]\nPASS|WORD=geheimRun\n[stderr]\n"}, "geheimRun"),
    "subscription": said({"id": ID}, SUB),
    "subscription, upper case": said({"id": ID.upper()}, SUB.upper()),
    "subscription, bare": said({"message": SUB.replace("-", "")}, SUB.replace("-", "")),
    "subscription, base64": said({"message": b64(ID)}, b64(ID)),
    "subscription, base64 without padding": said(
        {"id": f"/x/statuses/{b64('ab' + ID).rstrip('=')}"}, b64("ab" + ID)[8:40]
    ),
    "subscription, urlsafe": said(
        {"message": base64.urlsafe_b64encode(f"??>>~~{ID}".encode()).decode()},
        base64.urlsafe_b64encode(f"??>>~~{ID}".encode()).decode(),
    ),
    "subscription, base64 of UTF-16": said({"message": b64(ID, "utf-16-le")}, b64(ID, "utf-16-le")),
    "subscription, base64 twice": said({"message": b64(b64(ID))}, b64(b64(ID))),
    "subscription, base64 in an address": said(
        {"nextLink": f"https://m/x?$skiptoken={quote(b64(ID))}"}, quote(b64(ID))
    ),
    "subscription, percent-encoded": said({"message": quote(ID, safe="")}, SUB),
    "subscription, percent-encoded twice": said({"message": quote(quote(ID, safe=""), safe="")}, SUB),
    "operation of private DNS": said(
        {"id": f"/x/statuses/{b64(f'RunAsync;{guid()}_{SUB}')}"}, b64(f"RunAsync;{guid()}")[:12]
    ),
    "tenant": said({"message": f"https://login.microsoftonline.com/{TENANT}/oauth2"}, TENANT),
    "object": said({"principalId": OBJECT}, OBJECT),
    "tenant's domain": said({"message": "mustergmbh.|onmicrosoft.com"}, "mustergmbh"),
    "guest account": said({"createdBy": "ada_fabrikam.com#EXT|#@woodgrove.|onmicrosoft.com"}, "ada_fabrikam"),
    "guest account, percent-encoded": said(
        {"message": "ada_fabrikam.com%23EXT|%23%40woodgrove.|onmicrosoft.com"}, "ada_fabrikam"
    ),
    **{
        f"mail, .{end}": said({NAMED[number % 2]: f"by anna.muster@|firma.{end}"}, "anna.muster")
        for number, end in enumerate(("com", "info", "edu", "cloud", "tech", "gov", "ac.uk", "museum"))
    },
    "mail with an umlaut": said({"createdBy": "anna.müller@|firma.de"}, "müller"),
    "mail, percent-encoded": said({"message": "upn=anna.muster%40firma.|edu".replace("%40", "%40|")}, "anna.muster"),
    "person": said({"display|Name": "Anna Muster"}, "Anna Muster"),
    "subscription's name": said({"subscriptionId": SUB, "display|Name": "Woodgrove Ada"}, "Woodgrove"),
    "author without a mail": said({"createdBy": "Anna Muster"}, "Anna Muster", seen=False),
    "password of a command": said({"message": "docker login -u anna -p| geheim123 r.io"}, "geheim123"),
    "password as an option": said({"message": "az acr login --pass|word geheim123"}, "geheim123"),
    "object, with underscores": said({"message": OBJECT.replace("-", "_")}, OBJECT.replace("-", "_")),
    "mail of a host that begins as an example's": said({"message": "ada@|contoso.com.evil.edu"}, "evil"),
    "tenant's domain for mail": said({"message": "woodgrove.mail.|onmicrosoft.com"}, "woodgrove"),
    "hardware address without signs": said({"macAddress": "000D|3A123456"}, "000D3A123456"),
    "tag": said({"tags": {"costCentre": "Woodgrove 17"}}, "Woodgrove", seen=False),
    "tag's name": said({"tags": {"woodgrove-ada": "x"}}, "woodgrove", seen=False),
    "a property nobody knows": said({"properties": {"patientName": "Woodgrove"}}, "Woodgrove", seen=False),
    "a key nobody knows": said({"properties": {"woodgrove": 1}}, "woodgrove", seen=False),
    "public IPv4": said({"ipAddress": "81.2.|69.142"}, "81.2.|69.142"),
    "public IPv4 in a name": said({"message": "ip-81-2-|69-142.firma.de"}, "81-2-|69-142"),
    "public IPv6": said({"ipAddress": "2a02:8071|:1:2::77"}, "2a02:8071|:1:2::77"),
    "thumbprint": said({"message": "4F|A1" * 10}, "4FA1" * 10),
    "hardware address": said({"macAddress": "00-0D-|3A-12-34-56"}, "00-0D-|3A-12-34-56"),
    "SSH key's owner": said({"message": "ssh-rsa AAAA|B3NzaC1yc2E anna@|annas-laptop"}, "annas-laptop"),
    "another group": said({"message": f"in use by {ID.replace('myResourceGroup', 'payroll-prod')}"}, "payroll-prod"),
    "another group's network": said(
        {"message": "/resourceGroups/payroll/providers/x/y/woodgroveNet"}, "woodgroveNet", seen=False
    ),
    "another group, percent-encoded": said({"message": "%2FresourceGroups%2Fpayroll%2F"}, "payroll", seen=False),
    "where it is stored": said(
        {"message": f"https://woodgrove7.blob.core.windows.net/x?regid={SUB[:8]}"}, "woodgrove7", seen=False
    ),
    "name of the network": said(
        {"internalDomainNameSuffix": "wood8grove.bx.internal.cloudapp.net"}, "wood8grove", seen=False
    ),
}
