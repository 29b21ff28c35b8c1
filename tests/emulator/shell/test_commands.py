"""Packages, requests, names, and the commands around them, as the VM has them."""

import pytest

from acrlab.emulator.registry.throttling import EVERY, PAUSE_S

SHORT = "https://aka.ms/InstallAzureCLIDeb"
LONG = "https://azurecliprod.blob.core.windows.net/$root/deb_install.sh"
PORT_80 = "contoso.azurecr.io port 80 after 1 ms"

# -- apt -----------------------------------------------------------------------------------------------------------


def test_package_is_unknown_before_the_lists_are_fetched(terminal):
    outcome = terminal.run("sudo apt-get install docker.io -y")
    assert (outcome.stderr, outcome.exit_code) == ("E: Unable to locate package docker.io\n", 100)


def test_installing_brings_the_command_and_stays(terminal):
    terminal.out("sudo apt-get update; sudo apt-get install docker.io -y")
    assert terminal.out("command -v docker; systemctl is-active docker") == "/usr/bin/docker\nactive\n"
    again = terminal.out("sudo apt-get install docker.io -y")
    assert "docker.io is already the newest version (26.1.3-0ubuntu1~22.04.1)." in again


def test_installing_asks_unless_told_not_to(terminal):
    outcome = terminal.run("apt-get update > /dev/null; apt-get install docker.io")
    assert (outcome.stdout.splitlines()[-1], outcome.exit_code) == ("Do you want to continue? [Y/n] Abort.", 1)


def test_unknown_package_is_named(terminal):
    assert terminal.run("apt-get update > /dev/null; apt-get install -y nonsense").stderr.endswith(
        "E: Unable to locate package nonsense\n"
    )


def test_archives_are_out_of_reach_without_a_way_out(place, terminal):
    place.vm(public="")
    outcome = terminal.run("apt-get update")
    assert "Could not connect to azure.archive.ubuntu.com:80 (192.0.2.18), connection timed out" in outcome.stdout
    assert outcome.stderr.endswith("They have been ignored, or old ones used instead.\n")
    assert terminal.run("apt-get install -y docker.io").exit_code == 100


def test_only_root_installs(terminal):
    assert "Permission denied" in terminal.run("sudo -u azureuser apt-get update").stderr


def test_azure_cli_installs_in_one_line(terminal):
    terminal.out("set -o pipefail; curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash")
    assert terminal.out("command -v az") == "/usr/bin/az\n"


def test_azure_cli_cannot_be_fetched_past_a_closed_door(place, terminal):
    group = place.security_group(("closed", 100, "Outbound", "Deny", "Internet", "443"))
    place.vm(group=group)
    assert terminal.run("set -o pipefail; curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash").exit_code == 28


# -- curl ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "stdout", "stderr", "status"),
    [
        ("curl -s https://nobody.azurecr.io", "", "", 6),
        ("curl -sS https://nobody.azurecr.io", "", "curl: (6) Could not resolve host: nobody.azurecr.io\n", 6),
        ("curl -sf https://contoso.azurecr.io/v2/", "", "", 22),
        ("curl -sfS https://contoso.azurecr.io/v2/", "", "curl: (22) The requested URL returned error: 401\n", 22),
        ("curl -so /dev/null -w '%{http_code}\\n' https://contoso.azurecr.io/v2/", "401\n", "", 0),
        ("curl -sw '%{http_code}' https://nobody.azurecr.io", "000", "", 6),
        ("curl -m 3 https://203.0.113.200/", "", "curl: (28) Connection timed out after 3001 milliseconds\n", 28),
        ("curl http://contoso.azurecr.io/", "", f"curl: (7) Failed to connect to {PORT_80}: Connection refused\n", 7),
        ("curl -s -o /dev/null -w '%{remote_ip}' https://contoso.azurecr.io/v2/", "192.0.2.64", "", 0),
        (f"curl -sL -o /dev/null -w '%{{num_redirects}} %{{url_effective}}' {SHORT}", f"1 {LONG}", "", 0),
        ("curl ftp://contoso.azurecr.io", "", 'curl: (1) Protocol "ftp" not supported or disabled in libcurl\n', 1),
        ("curl --nonsense x", "", "curl: option --nonsense: is unknown, or not emulated\n", 2),
    ],
)  # fmt: skip
def test_curl_ends_as_curl_does(place, terminal, script, stdout, stderr, status):
    place.registry()
    outcome = terminal.run(script)
    assert (outcome.stdout, outcome.stderr, outcome.exit_code) == (stdout, stderr, status)


def test_curl_shows_head_and_body(place, terminal):
    place.registry()
    shown = terminal.out("curl -si https://contoso.azurecr.io/v2/")
    assert shown.startswith("HTTP/1.1 401 Unauthorized\n")
    assert '{"errors": [{"code": "UNAUTHORIZED"' in shown


def test_curl_asks_again_as_often_as_it_is_told_and_waits_on_the_worlds_clock(place, terminal):
    asked = "curl -m 3 --retry 2 https://203.0.113.200/"
    before = place.world.now
    outcome = terminal.run(asked)
    told = [f"Warning: Problem: timeout. Will retry in {s} seconds. {n} retries left." for s, n in ((1, 2), (2, 1))]
    assert outcome.stderr.splitlines() == [*told, "curl: (28) Connection timed out after 3001 milliseconds"]
    assert place.world.now >= before + 3
    assert terminal.run(f"{asked} --retry-delay 7 -s").stderr == ""
    assert place.world.now >= before + 3 + 14
    assert terminal.run("curl --retry often https://203.0.113.200/").exit_code == 2


def test_curl_comes_again_when_a_registry_says(place, terminal):
    place.registry()
    place.world.set_setting("timing", "as-azure")
    place.world.advance_to(place.world.now + 600)
    asked = "curl -so /dev/null -w '%{http_code} ' https://contoso.azurecr.io/v2/_catalog"
    assert terminal.out(f"for i in $(seq {EVERY}); do {asked}; done").split()[-2:] == ["401", "429"]
    before = place.world.now
    assert terminal.out(f"{asked} --retry 1") == "401 "
    assert place.world.now >= before + PAUSE_S - 1


def test_curl_keeps_credentials_out_of_its_talk(place, terminal):
    place.registry()
    outcome = terminal.run("curl -sv -u contoso:password https://contoso.azurecr.io/v2/")
    assert "> Authorization: [redacted]\n" in outcome.stderr


def test_curl_resolves_as_it_is_told(place, terminal):
    place.registry()
    place.endpoint()
    asked = (
        "curl -so /dev/null -w '%{remote_ip}' --resolve contoso.azurecr.io:443:10.0.0.6 https://contoso.azurecr.io/v2/"
    )
    assert terminal.out(asked) == "10.0.0.6"


def test_hosts_file_comes_before_the_resolver(place, terminal):
    place.registry()
    place.endpoint()
    terminal.out("echo '10.0.0.6 contoso.azurecr.io' >> /etc/hosts")
    assert terminal.out("curl -so /dev/null -w '%{remote_ip}' https://contoso.azurecr.io/v2/") == "10.0.0.6"
    assert terminal.out("getent hosts contoso.azurecr.io") == "10.0.0.6        contoso.azurecr.io\n"
    assert terminal.out("dig +short contoso.azurecr.io").splitlines()[-1] == "192.0.2.64"


def test_metadata_service_is_there(terminal):
    url = (
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net"
    )
    assert '"token_type": "Bearer"' in terminal.out(f"curl -s -H Metadata:true '{url}'")


# -- names -----------------------------------------------------------------------------------------------------------


def test_nslookup_follows_the_alias_to_the_private_address(place, terminal):
    place.registry()
    place.linked()
    assert terminal.out("nslookup contoso.azurecr.io") == (
        "Server:\t\t127.0.0.53\nAddress:\t127.0.0.53#53\n\nNon-authoritative answer:\n"
        "contoso.azurecr.io\tcanonical name = contoso.privatelink.azurecr.io.\n"
        "Name:\tcontoso.privatelink.azurecr.io\nAddress: 10.0.0.6\n\n"
    )


def test_nslookup_says_what_does_not_exist(place, terminal):
    place.registry()
    place.endpoint()
    place.zone()
    outcome = terminal.run("nslookup contoso.azurecr.io 168.63.129.16")
    assert outcome.exit_code == 1
    assert "Server:\t\t168.63.129.16\n" in outcome.stdout
    assert "** server can't find contoso.privatelink.azurecr.io: NXDOMAIN\n" in outcome.stdout


def test_dig_shows_the_chain(place, terminal):
    place.registry()
    place.linked()
    assert terminal.out("dig +short contoso.azurecr.io") == "contoso.privatelink.azurecr.io.\n10.0.0.6\n"
    shown = terminal.out("dig contoso.azurecr.io")
    assert "status: NOERROR" in shown
    assert "contoso.privatelink.azurecr.io.\t3600\tIN\tA\t10.0.0.6\n" in shown
    assert ";; SERVER: 127.0.0.53#53" in shown


def test_dig_shows_whose_zone_lacks_a_name(place, terminal):
    place.registry()
    place.endpoint()
    place.zone()
    shown = terminal.out("dig +noall +comments +answer +authority contoso.azurecr.io")
    assert "status: NXDOMAIN" in shown
    assert "contoso.azurecr.io.\t3600\tIN\tCNAME\tcontoso.privatelink.azurecr.io.\n" in shown
    assert "privatelink.azurecr.io.\t10\tIN\tSOA\tazureprivatedns.net." in shown


def test_name_servers_that_do_not_answer_are_told(place, terminal):
    place.registry()
    place.network(servers=["10.0.0.9"])
    assert "status: SERVFAIL" in terminal.out("dig contoso.azurecr.io")
    assert terminal.out("dig +short @168.63.129.16 contoso.azurecr.io").endswith("192.0.2.64\n")
    outcome = terminal.run("dig @10.0.0.9 contoso.azurecr.io")
    assert (outcome.stdout.splitlines()[-1], outcome.exit_code) == (";; no servers could be reached", 9)
    assert "SERVFAIL" in terminal.run("nslookup contoso.azurecr.io").stdout


@pytest.mark.parametrize(("command", "status"), [("dig @{} x.example", 10), ("nslookup x.example {}", 1)])
def test_a_name_server_may_be_named_and_one_without_an_address_is_said(place, terminal, command, status):
    for server in ("nowhere.example", "99999999999999999999"):
        outcome = terminal.run(command.format(server))
        said = f"{command.split()[0]}: couldn't get address for '{server}': not found\n"
        assert (outcome.stderr, outcome.exit_code) == (said, status)
    assert terminal.run(command.format("999.0.0.1")).exit_code in (1, 9)
    terminal.out("echo '168.63.129.16 resolver.example' >> /etc/hosts")
    assert "NXDOMAIN" in terminal.run(command.format("resolver.example")).stdout


@pytest.mark.parametrize("script", ["dig -x 10.0.0.4", "dig MX x.example", "dig +trace x.example", "nslookup", "host"])
def test_questions_that_are_not_emulated_are_refused(terminal, script):
    assert "not emulated" in terminal.run(script).stderr


# -- the VM -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("hostname; whoami; id -u", "vm\nroot\n0\n"),
        ("sudo -u azureuser whoami; sudo -u azureuser bash -c 'echo $HOME'", "azureuser\n/home/azureuser\n"),
        ("date +%F; date", "2026-01-05\nMon Jan  5 09:00:00 UTC 2026\n"),
        ("lsb_release -cs; . /etc/os-release; echo $VERSION_ID", "jammy\n22.04\n"),
        ("ip addr | grep -o 'inet 10[0-9./]*'", "inet 10.0.0.4/24\n"),
        ("mkdir -p /srv/a/b && echo x > /srv/a/b/c && ls /srv/a && rm -r /srv/a && ls /srv", "b\n"),
        ("for i in $(seq 2 4); do echo -n $i; done", "234"),
        ("printf 'b\\na\\nb\\n' | sort | uniq -c", "      1 a\n      2 b\n"),
        ("printf '3\\n10\\n2\\n' | sort -n | tail -n 1", "10\n"),
        ("echo a:b:c | cut -d: -f2", "b\n"),
        ("printf 'one\\ntwo\\nthree\\n' | grep -v two | head -1", "one\n"),
        ("printf 'x=1\\ny=2\\n' | grep -oE '[0-9]'", "1\n2\n"),
        ("printf '[\\n&\\nc\\n' | grep '[[&&]'", "[\n&\n"),  # a set of two characters, and no set within it
        ("echo hi | tee /srv/t; wc -c < /srv/t", "hi\n3\n"),
        ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n"),
        ("echo a b | xargs echo got", "got a b\n"),
        ("cp /etc/hostname /srv/h && mv /srv/h /srv/i && cat /srv/i", "vm\n"),
    ],
)  # fmt: skip
def test_everyday_commands(terminal, script, expected):
    assert terminal.out(script) == expected


def test_sleep_moves_the_worlds_clock(place, terminal):
    before = place.world.now
    assert terminal.out("sleep 90; date +%T") == "09:01:30\n"
    assert place.world.now == before + 90


def test_files_outlive_commands(terminal):
    terminal.out("echo kept > /srv/file")
    assert terminal.out("cat /srv/file") == "kept\n"


def test_large_and_binary_files_come_back_whole(place, terminal):
    script = (
        "X=0123456789; for i in 1 2 3; do X=$X$X$X$X$X$X$X$X$X$X; done; printf '%s' $X > /srv/big; wc -c < /srv/big"
    )
    assert terminal.out(script) == "10000\n"
    assert terminal.out("wc -c < /srv/big; head -c 5 /srv/big") == "10000\n01234"
    vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
    assert set(vm.state["disk"]["files"]["/srv/big"]) == {"digest", "size"}


def test_running_a_script_leaves_the_vms_etag_alone(place, terminal):
    vm = place.id("Microsoft.Compute/virtualMachines", "vm")
    before = place.world.etag(place.world.get(vm))
    terminal.out("echo x > /srv/x")
    assert place.world.etag(place.world.get(vm)) == before


def test_world_that_is_saved_keeps_the_vms_files(place, terminal, tmp_path):
    terminal.out("echo kept > /srv/file")
    place.world.save(tmp_path / "world.db")
    terminal.out("rm /srv/file")
    place.world.restore(tmp_path / "world.db")
    assert terminal.out("cat /srv/file") == "kept\n"


@pytest.mark.parametrize("form", ["%", "a%", "%x", "%s %", "%5"])
def test_printf_refuses_a_format_that_it_does_not_know(terminal, form):
    outcome = terminal.run(f"printf '{form}' one two")

    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("printf: `%")


def test_the_ttl_that_dig_shows_counts_down_where_names_are_kept(place, terminal):
    place.world.set_setting("timing", "as-azure")
    place.registry()
    place.world.advance_to(3600)
    terminal.out("dig contoso.azurecr.io")
    place.world.advance_to(4600)
    assert terminal.out("dig +noall +answer contoso.azurecr.io").startswith("contoso.azurecr.io.\t2600\tIN\tCNAME\t")


def test_resolvectl_empties_the_vm_s_own_resolver_without_a_word(place, terminal):
    place.world.set_setting("timing", "as-azure")
    place.zone("corp.internal")
    place.record("printer", "10.0.0.1", zone="corp.internal", ttl=600)
    place.world.advance_to(200)
    terminal.out("dig printer.corp.internal; dig @168.63.129.16 printer.corp.internal")
    place.record("printer", "10.0.0.2", zone="corp.internal", ttl=600)
    place.world.db.execute("DELETE FROM kept_name WHERE cache LIKE '%virtualnetworks%'")

    assert terminal.out("dig +short @168.63.129.16 printer.corp.internal") == "10.0.0.2\n"
    assert terminal.out("dig +short printer.corp.internal; getent hosts printer.corp.internal")[:8] == "10.0.0.1"
    assert terminal.out("resolvectl flush-caches") == ""
    assert terminal.out("dig +short printer.corp.internal") == "10.0.0.2\n"


def test_curl_sends_each_line_of_a_header_that_it_is_given(terminal):
    url = "http://169.254.169.254/metadata/instance?api-version=2021-02-01"

    told = terminal.out(f"curl -sv -H Metadata:true -H Accept:text/a -H 'accept: text/b' '{url}' 2>&1")

    assert "text/a, text/b" in told
    assert "*/*" not in told
