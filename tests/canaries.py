"""One thing of each sensitive kind, made up."""

GUID = "-".join(("3f2504e0", "4f89", "41d3", "9a0c", "0305e82c3301"))
# In pieces, so that nothing of this file is taken for one.
CANARIES = {
    "token": "e" + "yJhbGciOiJSUzI1NiJ9.e" + "yJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    "encoded JSON": "e" + "yJqb2JJZCI6IkRFTEVUSU9OLXNlY3JldGdyb3VwIn0=",
    "private key": "-----BEGIN" + " OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA",
    "client secret": "Abc8" + "Q~" + "x" * 34,
    "password": "a1" * 21 + "+" + "ACR" + "b2C3d4",
    "account key": "Account" + "Key=" + "k" * 44,
    "signed address": "https://store.blob.core.windows.net/x?sv=2024&" + "sig=" + "s1" * 22,
    "e-mail address": "ada" + "@" + "lovelace.org",
    "id": f"/subscriptions/{GUID}",
    "public address": "52.174" + ".3.9",
}
