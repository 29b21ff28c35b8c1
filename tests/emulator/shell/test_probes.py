"""What people type on a VM to see whether something is there: nc, ping, openssl, wget, python3, resolvectl."""

import pytest

WHERE = "contoso.azurecr.io"
ADDRESS = "10.0.0.6"


@pytest.fixture
def linked(place):
    """A registry with an endpoint, whose names lead the VM to it."""
    place.registry()
    place.linked()
    return place


# -- nc --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "said", "status"),
    [
        (f"nc -vz {WHERE} 443", f"Connection to {WHERE} ({ADDRESS}) 443 port [tcp/https] succeeded!", 0),
        (f"nc -zv -w 5 {ADDRESS} 443", f"Connection to {ADDRESS} 443 port [tcp/https] succeeded!", 0),
        (f"nc -vz {WHERE} 80", f"nc: connect to {WHERE} ({ADDRESS}) port 80 (tcp) failed: Connection refused", 1),
        ("nc -vz 10.0.0.99 443", "nc: connect to 10.0.0.99 port 443 (tcp) failed: Connection timed out", 1),
        ("nc -vzw5 10.0.0.99 443", "nc: connect to 10.0.0.99 port 443 (tcp) timed out: Operation now in progress", 1),
        ("nc -vz 168.63.129.16 53", "Connection to 168.63.129.16 53 port [tcp/domain] succeeded!", 0),
        (
            "nc -vz nobody.azurecr.io 443",
            'nc: getaddrinfo for host "nobody.azurecr.io" port 443: Name or service not known',
            1,
        ),
        (f"nc -vz {WHERE} 22", "nc: not emulated: port 22; supported: 53, 80, 443", 1),
        (f"nc {WHERE} 443", "nc: not emulated without -z: it would send what you type", 1),
    ],
)
def test_nc_says_whether_a_port_takes_a_connection(linked, terminal, script, said, status):
    outcome = terminal.run(script)

    assert (outcome.stdout, outcome.stderr, outcome.exit_code) == ("", f"{said}\n", status)


def test_nc_without_v_says_nothing(linked, terminal):
    assert terminal.out(f"nc -z {WHERE} 443") == ""
    outcome = terminal.run("nc -z 10.0.0.99 443")
    assert (outcome.stderr, outcome.exit_code) == ("", 1)


def test_nc_meets_a_security_group_as_a_silence(linked, terminal):
    group = linked.security_group(("closed", 100, "Outbound", "Deny", "VirtualNetwork", "443"))
    linked.vm(group=group)

    assert "Connection timed out" in terminal.run(f"nc -vz {WHERE} 443").stderr


def test_nc_finds_a_forwarder_at_port_53_and_nothing_on_another_vm(linked, terminal):
    linked.vm("other", "10.0.0.9", public="")
    assert "Connection refused" in terminal.run("nc -vz 10.0.0.9 53").stderr

    linked.forwarder("other")
    assert "succeeded" in terminal.run("nc -vz 10.0.0.9 53").stderr


# -- ping ------------------------------------------------------------------------------------------------------------


def test_an_endpoint_does_not_answer_ping_though_it_works(linked, terminal):
    outcome = terminal.run(f"ping -c 4 {WHERE}")

    assert outcome.exit_code == 1
    assert outcome.stdout == (
        "PING contoso.privatelink.azurecr.io (10.0.0.6) 56(84) bytes of data.\n\n"
        "--- contoso.privatelink.azurecr.io ping statistics ---\n"
        "4 packets transmitted, 0 received, 100% packet loss, time 3069ms\n\n"
    )


def test_a_vm_answers_ping_while_it_runs_and_rules_allow_it(linked, terminal):
    linked.vm("other", "10.0.0.9", public="")
    assert "2 packets transmitted, 2 received, 0% packet loss" in terminal.out("ping -c 2 10.0.0.9")

    other = linked.world.get(linked.id("Microsoft.Compute/virtualMachines", "other"))
    with linked.world.transaction():
        other.state["power"] = "deallocated"
        linked.world.put(other)
    assert terminal.run("ping -c 1 10.0.0.9").exit_code == 1


def test_ping_of_what_has_no_address_and_without_an_end(terminal):
    outcome = terminal.run("ping -c 1 nobody.azurecr.io")
    assert (outcome.stderr, outcome.exit_code) == ("ping: nobody.azurecr.io: Name or service not known\n", 2)
    assert "not emulated" in terminal.run("ping 10.0.0.4").stderr
    assert terminal.run("ping -c 1 203.0.113.200").exit_code == 1


# -- openssl ---------------------------------------------------------------------------------------------------------


def test_openssl_shows_whose_certificate_it_is(linked, terminal):
    outcome = terminal.run(f"openssl s_client -connect {WHERE}:443 -servername {WHERE} </dev/null")

    assert outcome.exit_code == 0
    assert outcome.stderr.splitlines()[-3:] == [
        "depth=0 C = US, ST = WA, L = Redmond, O = Microsoft Corporation, CN = *.azurecr.io",
        "verify return:1",
        "DONE",
    ]
    assert "Verification: OK\n" in outcome.stdout
    assert "BEGIN CERTIFICATE" not in outcome.stdout


def test_openssl_looks_at_the_name_only_where_it_is_told_to(linked, terminal):
    to = "openssl s_client -connect contoso.privatelink.azurecr.io:443"
    assert "Verify return code: 0 (ok)\n" in terminal.out(to)

    strict = terminal.run(f"{to} -verify_hostname contoso.privatelink.azurecr.io")
    assert "Verify return code: 62 (Hostname mismatch)\n" in strict.stdout
    assert "verify error:num=62:Hostname mismatch\n" in strict.stderr
    assert "Verified peername: *.azurecr.io\n" in terminal.out(f"{to} -verify_hostname {WHERE}")


@pytest.mark.parametrize(("host", "number"), [("nobody.azurecr.io", 22), ("10.0.0.99", 110), ("127.0.0.1", 111)])
def test_openssl_says_why_there_is_no_connection(linked, terminal, host, number):
    outcome = terminal.run(f"openssl s_client -connect {host}:443")

    assert (outcome.stderr.splitlines()[-1], outcome.exit_code) == (f"connect:errno={number}", 1)


@pytest.mark.parametrize("words", ["x509 -noout -subject", f"s_client -connect {WHERE}:5000", f"s_client {WHERE}"])
def test_what_openssl_does_not_do_here_it_says(terminal, words):
    assert "not emulated" in terminal.run(f"openssl {words}").stderr


# -- wget ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "said", "status"),
    [
        (f"wget https://{WHERE}/v2/", "Username/Password Authentication Failed.\n", 6),
        (f"wget -q https://{WHERE}/v2/", "", 6),
        ("wget https://nobody.azurecr.io/", "unable to resolve host address ‘nobody.azurecr.io’\n", 4),
        (f"wget http://{WHERE}/", "Connection refused.\n\n", 4),
        ("wget -t 2 https://10.0.0.99/", "failed: Connection timed out.\nGiving up, after 2 tries.\n\n", 4),
        ("wget https://contoso.privatelink.azurecr.io/v2/", "use `--no-check-certificate'.\n", 5),
        ("wget '['", "http://[: Unterminated IPv6 numeric address.\n", 1),
        ("wget 'https://[::x]/v2/'", "https://[::x]/v2/: Invalid IPv6 numeric address.\n", 1),
        ("wget http://a.example:99999/", "http://a.example:99999/: Bad port number.\n", 1),
        ("wget -q http://a.example:b/", "", 1),
        (
            "wget -q -O - --nonsense https://x.example",
            "wget: option '--nonsense' is not emulated, or needs a value\n",
            2,
        ),
        (
            f"wget -O /nowhere/file {'https://aka.ms/InstallAzureCLIDeb'}",
            "/nowhere/file: No such file or directory\n",
            3,
        ),
    ],
)
def test_wget_ends_as_wget_does(linked, terminal, script, said, status):
    outcome = terminal.run(script)

    assert (outcome.exit_code, outcome.stderr.endswith(said)) == (status, True), outcome.stderr


def test_wget_keeps_what_it_fetched(terminal):
    terminal.out("cd /srv; wget -q https://aka.ms/InstallAzureCLIDeb")
    assert "azure-cli" in terminal.out("cat /srv/deb_install.sh")
    assert terminal.out("wget -qO- https://aka.ms/InstallAzureCLIDeb") == terminal.out("cat /srv/deb_install.sh")


def test_wget_tells_where_it_went(linked, terminal):
    told = terminal.run(f"wget https://{WHERE}/v2/").stderr
    assert f"Resolving {WHERE} ({WHERE})... {ADDRESS}\n" in told
    assert f"Connecting to {WHERE} ({WHERE})|{ADDRESS}|:443... connected.\n" in told


# -- python3 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"import socket; print(socket.gethostbyname('{WHERE}'))", f"{ADDRESS}\n"),
        (f"import socket; socket.create_connection(('{WHERE}', 443), 5); print('open')", "open\n"),
        ("print(1, 'two')", "1 two\n"),
    ],
)
def test_python_does_the_lines_that_people_type(linked, terminal, line, expected):
    assert terminal.out(f'python3 -c "{line}"') == expected


def test_python_reads_an_answer(linked, terminal):
    url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://x.example"
    read = "import sys, json; print(json.load(sys.stdin)['token_type'])"
    assert terminal.out(f'curl -s -H Metadata:true "{url}" | python3 -c "{read}"') == "Bearer\n"
    assert terminal.out("echo '{\"a\": [1]}' | python3 -m json.tool") == '{\n    "a": [\n        1\n    ]\n}\n'


@pytest.mark.parametrize(
    ("line", "last"),
    [
        (
            "import socket; socket.gethostbyname('nobody.azurecr.io')",
            "socket.gaierror: [Errno -2] Name or service not known",
        ),
        ("import socket; socket.create_connection(('10.0.0.99', 443), 5)", "socket.timeout: timed out"),
        (
            "import socket; socket.create_connection(('10.0.0.99', 443))",
            "TimeoutError: [Errno 110] Connection timed out",
        ),
        (
            f"import urllib.request; urllib.request.urlopen('https://{WHERE}/v2/')",
            "urllib.error.HTTPError: HTTP Error 401: Unauthorized",
        ),
        ("import json; json.loads('{')", "JSONDecodeError: Expecting property name enclosed in double quotes"),
        ("import json; print(json.loads('{}')['a'])", "KeyError: 'a'"),
    ],
)
def test_python_raises_as_python_does(linked, terminal, line, last):
    outcome = terminal.run(f'python3 -c "{line}"')

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Traceback (most recent call last):\n")
    assert outcome.stderr.splitlines()[-1].startswith(last)


@pytest.mark.parametrize(
    "line", ["import os; os.system('id')", "open('/etc/passwd')", "for x in []: pass", "print(__import__('os'))", "x"]
)
def test_any_other_python_is_refused(terminal, line):
    outcome = terminal.run(f'python3 -c "{line}"')

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("python3: not emulated: ")


def test_a_line_that_is_no_python_is_told_as_python_does(terminal):
    assert terminal.run("python3 -c 'print('").stderr.startswith('  File "<string>", line 1\nSyntaxError: ')


# -- resolvectl ------------------------------------------------------------------------------------------------------


def test_resolvectl_finds_a_name_with_its_alias(linked, terminal):
    lines = terminal.out(f"resolvectl query {WHERE}").splitlines()

    assert lines[0].split() == [f"{WHERE}:", ADDRESS, "--", "link:", "eth0"]
    assert lines[1].strip() == "(contoso.privatelink.azurecr.io)"
    assert lines[-1] == "-- Data from: network"


def test_resolvectl_names_what_it_did_not_find(place, terminal):
    place.registry()
    place.endpoint()
    place.zone()
    outcome = terminal.run(f"resolvectl query {WHERE}")
    said = f"{WHERE}: resolve call failed: 'contoso.privatelink.azurecr.io' not found\n"
    assert (outcome.stderr, outcome.exit_code) == (said, 1)

    place.network(servers=["10.0.0.9"])
    assert "server or network returned error SERVFAIL" in terminal.run(f"resolvectl query {WHERE}").stderr


def test_resolvectl_says_whom_the_vm_asks(place, terminal):
    assert "Current DNS Server: 168.63.129.16\n" in terminal.out("resolvectl status")
    assert "internal.cloudapp.net" in terminal.out("resolvectl")

    place.network(servers=["10.0.0.9", "10.0.0.10"])
    told = terminal.out("resolvectl status")
    assert "       DNS Servers: 10.0.0.9 10.0.0.10\n" in told
    assert "DNS Domain: reddog.microsoft.com\n" in told


def test_what_resolvectl_does_not_do_here_it_says(terminal):
    outcome = terminal.run("resolvectl query --type=MX example.com")
    assert (outcome.exit_code, "not emulated: query --type=MX" in outcome.stderr) == (1, True)
