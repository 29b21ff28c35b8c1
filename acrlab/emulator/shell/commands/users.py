"""Who runs a command: `whoami`, `id`, `groups`; `sudo` and `su`, which run one as another; and who may use docker.

There are root and the user that the VM was made with. Who is put into a group has it in the next session, as `sudo -u`
and `su` begin one; docker's own group is there once docker is.
"""

from __future__ import annotations

import re

from acrlab.emulator.shell.process import Process, Shell, programs
from acrlab.emulator.shell.vm import Vm

ROOT, DOCKER = "root", "docker"
DOCKER_NUMBER, USER_NUMBER = 119, 1000
KEPT = ("-E", "-H", "-n", "-i", "-S", "-k", "--")


def groups_of(vm: Vm, user: str) -> list[str]:
    """Names of a user's groups, their own first."""
    return [user, *sorted(name for name, users in vm.disk.groups.items() if user in users)]


def may_use_docker(vm: Vm, user: str) -> bool:
    """Whether a user may write to the daemon's socket, which is root's and the group docker's."""
    return user == ROOT or DOCKER in groups_of(vm, user)


def whoami(process: Process) -> int:
    process.print(process.user)
    return 0


def id_(process: Process) -> int:
    number = 0 if process.user == ROOT else USER_NUMBER
    if process.args[:1] in (["-u"], ["-g"]):
        process.print(str(number))
    elif process.args[:1] == ["-un"]:
        process.print(process.user)
    elif process.args[:1] == ["-nG"]:
        return groups(process)
    else:
        more = "".join(f",{DOCKER_NUMBER}({name})" for name in groups_of(process.vm, process.user)[1:])
        own = f"{number}({process.user})"
        process.print(f"uid={own} gid={own} groups={own}{more}")
    return 0


def groups(process: Process) -> int:
    process.print(" ".join(groups_of(process.vm, process.user)))
    return 0


def sudo(process: Process) -> int:
    """Run the rest as root, or with `-u` as another user."""
    words, user = list(process.args), ROOT
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-u" and words:
            user = words.pop(0)
        elif option not in KEPT:
            process.complain(f"option {option} is not emulated")
            return 1
    if not _is_known(process, user):
        process.complain(f"unknown user {user}")
        return 1
    shell = process.shell.fresh(user, [])
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0], re.DOTALL):
        name, _, value = words.pop(0).partition("=")
        shell.variables[name] = value
        shell.exported.add(name)
    if not words:
        return 0
    program = shell.find_program(words[0])
    if (program is None and "/" not in words[0]) or (program is not None and not program.path):
        process.complain(f"{words[0]}: command not found")
        return 1
    return shell.call(words, process.streams)


def su(process: Process) -> int:
    """`su [-] [USER] [-c COMMAND]`: root becomes who it likes; another would have to type a password, and can't."""
    words, command, user = list(process.args), "", ""
    while words:
        word = words.pop(0)
        if word in ("-c", "--command") and words:
            command = words.pop(0)
        elif word in ("-", "-l", "--login"):
            continue
        elif not word.startswith("-") and not user:
            user = word
        else:
            process.complain(f"not emulated: {word}; supported: su [-] [USER] [-c COMMAND]")
            return 1
    user = user or ROOT
    if not _is_known(process, user):
        process.complain(f"user {user} does not exist or the user entry does not contain all the required fields")
        return 1
    if process.user != ROOT:
        process.warn("Password: \nsu: Authentication failure")
        return 1
    shell: Shell = process.shell.fresh(user, [])
    return shell.run(command or process.streams.stdin.read(), process.streams)


def usermod(process: Process) -> int:
    """`usermod -aG docker USER`."""
    words = list(process.args)
    if process.user != ROOT:
        process.complain("Permission denied.\nusermod: cannot lock /etc/passwd; try again later.")
        return 1
    if words[:1] != ["-aG"] or len(words) != 3:
        process.complain("not emulated but as: usermod -aG GROUP USER")
        return 1
    if words[1] != DOCKER or "docker.io" not in process.disk.packages:
        process.complain(f"group '{words[1]}' does not exist")
        return 6
    if not _is_known(process, words[2]):
        process.complain(f"user '{words[2]}' does not exist")
        return 6
    process.disk.groups[DOCKER] = sorted({*process.disk.groups.get(DOCKER, ()), words[2]})
    return 0


def _is_known(process: Process, user: str) -> bool:
    return user in (ROOT, process.vm.admin)


USERS = {
    **programs(whoami=whoami, id_=id_, groups=groups, sudo=sudo, su=su),
    **programs(folder="/usr/sbin", usermod=usermod),
}
