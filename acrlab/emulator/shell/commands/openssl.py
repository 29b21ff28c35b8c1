"""`openssl s_client -connect`: whose certificate a server shows. It checks the name only if it is told to.

Source: OpenSSL 3.0.2, as Ubuntu 22.04 has it. The authority above the certificate is one that Azure's names have had:
the chain of azurecr.io itself was not to be found.
"""

from __future__ import annotations

import re

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.network.public_dns import is_named
from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.commands.probes import why_unknown
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import HTTPS

COMPANY = "C = US, ST = WA, L = Redmond, O = Microsoft Corporation"
AUTHORITY = "C = US, O = Microsoft Corporation, CN = Microsoft Azure RSA TLS Issuing CA 08"
ROOT = "C = US, O = DigiCert Inc, OU = www.digicert.com, CN = DigiCert Global Root G2"
MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH
SOURCE = "../crypto/bio/bio_sock2.c"
THREAD = "40D75B1D4F7F0000"
NUMBERS = {"timeout": (110, "6E", "Connection timed out"), "connection refused": (111, "6F", "Connection refused")}


@refusing
def openssl(process: Process) -> int:
    if process.args[:1] == ["version"]:
        process.print("OpenSSL 3.0.2 15 Mar 2022 (Library: OpenSSL 3.0.2 15 Mar 2022)")
        return 0
    if process.args[:1] != ["s_client"]:
        process.complain(f"not emulated: {' '.join(process.args[:1])}; supported: s_client, version")
        return 1
    # Its options are words behind one hyphen.
    words = [f"-{word}" if re.fullmatch(r"-[a-z_]{2,}", word) else word for word in process.args[1:]]
    given = take(words, "--showcerts --brief", "--connect --servername --verify_hostname")
    host, _, port = (given.value("--connect") or next(iter(given.words), "")).rpartition(":")
    if not host or port != str(HTTPS) or given.has("--brief"):
        process.complain("s_client: not emulated but with -connect HOST:443, and without -brief")
        return 1
    try:
        address = process.vm.find_address(host.lower())
        names = process.vm.reach(host, address, HTTPS).certificate
    except Unreachable as problem:
        _tell_failure(process, problem)
        return 1
    _tell(process, names, given.value("--verify_hostname"))
    return 0


def _tell_failure(process: Process, problem: Unreachable) -> None:
    if problem.reason not in NUMBERS:
        place = "BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738"
        process.warn(f"{THREAD}:error:10080002:{place}:{why_unknown(problem)}\nconnect:errno=22")
        return
    number, code, words = NUMBERS[problem.reason]
    process.warn(
        f"{THREAD}:error:800000{code}:system library:BIO_connect:{words}:{SOURCE}:125:calling connect()\n"
        f"{THREAD}:error:10000067:BIO routines:BIO_connect:connect error:{SOURCE}:127:\n"
        f"connect:errno={number}"
    )


def _tell(process: Process, names: tuple[str, ...], expected: str) -> None:
    subject = f"{COMPANY}, CN = {names[0]}"
    wrong = bool(expected) and not is_named(names, expected)
    for depth, name in ((2, ROOT), (1, AUTHORITY), (0, subject)):
        process.warn(f"depth={depth} {name}")
        if wrong and depth == 0:
            process.warn(f"verify error:num={MISMATCH}:Hostname mismatch")
        process.warn("verify return:1")
    process.print("CONNECTED(00000003)\n---\nCertificate chain")
    for at, (name, above) in enumerate(((subject, AUTHORITY), (AUTHORITY, ROOT))):
        process.print(f" {at} s:{name}\n   i:{above}")
    process.print("---\nServer certificate\n(not emulated: the certificate itself)")
    process.print(f"subject={subject}\n\nissuer={AUTHORITY}\n")
    process.print("---\nNo client certificate CA names sent\nPeer signing digest: SHA256\nPeer signature type: RSA-PSS")
    process.print("Server Temp Key: ECDH, secp384r1, 384 bits\n---")
    process.print("Verification error: Hostname mismatch" if wrong else "Verification: OK")
    if expected and not wrong:
        process.print(f"Verified peername: {next(name for name in names if is_named((name,), expected))}")
    process.print("---\nNew, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nServer public key is 2048 bit\n---")
    process.print(f"Verify return code: {MISMATCH} (Hostname mismatch)" if wrong else "Verify return code: 0 (ok)")
    process.print("---")
    process.warn("DONE")


OPENSSL = programs(openssl=openssl)

DEVIATIONS = (
    Deviation(
        of="the VM's shell",
        what="`openssl s_client` names an authority that Azure's certificates have had, and shows no certificate.",
        impact="`openssl x509` has nothing to read, and the authority's name is not azurecr.io's of this week.",
        reason="The chain of azurecr.io could not be looked up, and Azure changes authorities without notice.",
        workaround="Look at the subject: it says which name the record led to.",
    ),
)
