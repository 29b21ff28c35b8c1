"""Commands about the VM itself and its time; and those that run other commands."""

from __future__ import annotations

import re

from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.types.compute.vm_place import interface_of, primary_configuration
from acrlab.emulator.types.network.subnet import prefix_of

LONGEST_SLEEP_S = 24 * 3600


def hostname(process: Process) -> int:
    vm = process.vm
    shown = {
        (): vm.hostname,
        ("-s",): vm.hostname,
        ("-f",): f"{vm.hostname}.{vm.suffix}",
        ("-d",): vm.suffix,
        ("-I",): f"{vm.vantage.address} ",
        ("-i",): "127.0.1.1",
    }.get(tuple(process.args))
    if shown is None:
        process.complain(f"not emulated: {' '.join(process.args)}")
        return 1
    process.print(shown)
    return 0


def uname(process: Process) -> int:
    release = "6.8.0-1034-azure"
    shown = {
        "": "Linux", "-s": "Linux", "-r": release, "-m": "x86_64", "-n": process.vm.hostname,
        "-a": f"Linux {process.vm.hostname} {release} #39~22.04.1-Ubuntu SMP x86_64 x86_64 x86_64 GNU/Linux",
    }.get(" ".join(process.args))  # fmt: skip
    process.print(shown or "Linux")
    return 0


def lsb_release(process: Process) -> int:
    known = {"i": ("Distributor ID", "Ubuntu"), "d": ("Description", "Ubuntu 22.04.5 LTS"), "r": ("Release", "22.04"),
             "c": ("Codename", "jammy")}  # fmt: skip
    letters = "".join(a.lstrip("-") for a in process.args)
    wanted = list(known) if "a" in letters or not letters.strip("s") else [x for x in known if x in letters]
    for letter in wanted:
        label, value = known[letter]
        process.print(value if "s" in letters else f"{label}:\t{value}")
    return 0


def ip(process: Process) -> int:
    """`ip addr`: the one interface that the article's VM has."""
    if [a for a in process.args if not a.startswith("-")][:1] not in (["addr"], ["a"], ["address"]):
        process.warn(f"ip: not emulated: {' '.join(process.args)}; supported: ip addr")
        return 1
    vm = process.vm
    interface = interface_of(vm.world, vm.resource)
    subnet = vm.world.find(primary_configuration(interface)["subnet"]["id"]) if interface else None
    length = prefix_of(subnet).prefixlen if subnet else 32
    process.print("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000")
    process.print("    inet 127.0.0.1/8 scope host lo")
    process.print("2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000")
    process.print(f"    inet {vm.vantage.address}/{length} metric 100 brd + scope global eth0")
    return 0


def date(process: Process) -> int:
    now = process.vm.now()
    form = next((a[1:] for a in process.args if a.startswith("+")), "")
    if not form:
        process.print(f"{now:%a %b %e %H:%M:%S UTC %Y}")
        return 0
    known = {"Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "M": "%M", "S": "%S", "F": "%Y-%m-%d", "T": "%H:%M:%S"}
    shown = form.replace("%s", str(int(now.timestamp())))
    process.print(re.sub(r"%([YmdHMSFT])", lambda m: now.strftime(known[m[1]]), shown))
    return 0


def seq(process: Process) -> int:
    """`seq last`, `seq first last`, `seq first step last`, on whole numbers."""
    if not 1 <= len(process.args) <= 3 or not all(re.fullmatch(r"-?\d{1,6}", a) for a in process.args):
        process.complain(f"not emulated: {' '.join(process.args)}")
        return 1
    numbers = [int(a) for a in process.args]
    first, step = (1 if len(numbers) == 1 else numbers[0]), (numbers[1] if len(numbers) == 3 else 1)
    for number in range(first, numbers[-1] + (1 if step > 0 else -1), step or 1):
        process.print(str(number))
    return 0


def sleep(process: Process) -> int:
    """Move the world's clock, and make no one wait."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd]?)", process.args[0] if process.args else "")
    if match is None:
        process.complain(f"invalid time interval ‘{process.args[0]}’" if process.args else "missing operand")
        return 1
    seconds = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    world = process.vm.world
    world.advance_to(world.now + min(seconds, LONGEST_SLEEP_S))
    return 0


# -- commands that run commands --------------------------------------------------------------------------------------


def bash(process: Process) -> int:
    """`bash`, `sh`: a script from `-c`, from a file, or from stdin."""
    words, options = list(process.args), set()
    while words and re.fullmatch(r"-[euxfsl]+|--", words[0]):
        options |= set(words.pop(0)[1:]) & set("euf")
    if words[:1] == ["-c"]:
        if len(words) < 2:
            process.complain("-c: option requires an argument")
            return 2
        script, arguments, name = words[1], words[3:], (words[2:3] or [process.name])[0]
    elif words:
        try:
            script, arguments, name = process.disk.text(process.path(words[0])), words[1:], words[0]
        except NoFile as problem:
            process.complain(f"{words[0]}: {problem}")
            return 127
    else:
        script, arguments, name = process.streams.stdin.read(), [], process.name
    shell = process.shell.fresh(process.user, arguments)
    shell.options |= options
    shell.name = name
    return shell.run(script, process.streams)


def env(process: Process) -> int:
    """Without words: what is exported; with words: run them, with variables of their own."""
    words, shell = list(process.args), process.shell.fresh(process.user, [])
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0], re.DOTALL):
        name, _, value = words.pop(0).partition("=")
        shell.variables[name] = value
        shell.exported.add(name)
    if words:
        return shell.call(words, process.streams)
    for name in sorted(shell.exported):
        process.print(f"{name}={shell.variable(name)}")
    return 0


def timeout(process: Process) -> int:
    """Run a command; nothing here takes longer than it should."""
    words = [w for w in process.args if not w.startswith("-")]
    return process.shell.call(words[1:], process.streams) if words[1:] else 125


def xargs(process: Process) -> int:
    words = [w for w in process.args if w not in ("-r", "--no-run-if-empty")]
    if words[:1] and words[0].startswith("-"):
        process.complain(f"option {words[0]} is not emulated")
        return 1
    given = process.streams.stdin.read().split()
    if not given and len(words) != len(process.args):
        return 0
    return 123 if process.shell.call([*(words or ["echo"]), *given], process.streams) else 0


SYSTEM = {
    **programs(
        hostname=hostname, uname=uname, lsb_release=lsb_release, date=date, seq=seq,
        sleep=sleep, bash=bash, sh=bash, env=env, printenv=env, timeout=timeout,
        xargs=xargs,
    ),
    **programs(folder="/usr/sbin", ip=ip),
}  # fmt: skip
SYSTEM["lsb_release"] = SYSTEM.pop("lsb-release")
