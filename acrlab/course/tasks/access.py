"""Chapter 06: evidence from inside, and one address outside that is let in and shut out again."""

from __future__ import annotations

import re

from acrlab import steps
from acrlab.course.section import Seen
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task
from acrlab.course.tasks.vm import RUN, vm_of_others
from acrlab.lab.lab import Lab
from acrlab.steps.private_link import find_endpoint
from acrlab.steps.run_command import find_vm

REGISTRY = "Microsoft.ContainerRegistry/registries"
EVIDENCE = "/srv/evidence"
NO_REGISTRY = Seen(False, "no registry", "the lab is not there", "run the chapter from its top")


def write_evidence(lab: Lab) -> None:
    """`401` says: you got through, now sign in. The other value is the address that answered, as curl saw it."""
    ask = "curl --silent --output /dev/null --write-out '%{http_code} %{remote_ip}'"
    steps.run_on_vm(lab, f"{ask} https://{lab.login_server}/v2/ > /srv/evidence")


def allow_this_address(lab: Lab) -> None:
    """The rules that you send replace all existing rules, so those have to be sent along."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    address = steps.refusal_from_here(lab).address  # as the registry sees it
    rules = lab.registry.registries.get(*names).properties.network_rule_set.ip_rules or []
    rules = [*rules, {"action": "Allow", "value": address}]
    change = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def remove_rule(lab: Lab) -> None:
    """The list that you send replaces the old one: leave out your rule, and keep everyone else's."""
    from ipaddress import ip_address, ip_network

    names = (lab.settings.resource_group, lab.settings.registry_name)
    address = ip_address(steps.seen_as(lab))  # as the refusal named it
    rules = lab.registry.registries.get(*names).properties.network_rule_set.ip_rules or []
    rules = [rule for rule in rules if address not in ip_network(rule.ip_address_or_range)]
    change = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def _evidence_there(lab: Lab) -> Seen:
    s = lab.settings
    if find_vm(lab) is None:
        return Seen(False, f"no VM {s.vm_name}", "the lab is not there", "run the chapter from its top")
    if find_endpoint(lab) is None:
        return Seen(False, f"no endpoint {s.endpoint_name}", "chapter 03 was not done", "run the chapter from its top")
    text = steps.run_on_vm(lab, f"cat {EVIDENCE} 2> /dev/null", check=False).stdout.strip()
    shown = f"{EVIDENCE} on {s.vm_name} says {text!r}" if text else f"no {EVIDENCE} on {s.vm_name}"
    if not text:
        return Seen(False, shown, "nothing was written, or to another file", "redirect curl's output there, with >")
    if not re.search(r"\b401\b", text):
        cause = "the registry did not answer, or was asked for something else than /v2/"
        return Seen(False, shown, cause, "ask for https, the login server, and the path /v2/")
    if steps.endpoint_addresses(lab)[lab.login_server] not in text.split():
        cause = "that is not the endpoint's address, or none was written"
        return Seen(False, shown, cause, "curl's remote_ip is the address that answered")
    return Seen(True, shown)


def _let_in(lab: Lab) -> Seen:
    if not registry_is_there(lab):
        return NO_REGISTRY
    access = steps.current_access(lab)
    if not access.ip_rules:
        return Seen(False, f"{access}", "no rule was sent", "the refusal above names the address to allow")
    if (access.public_network_access, access.default_action) != ("Enabled", "Deny"):
        cause = "a rule applies only if the default action is Deny and public network access is Enabled"
        return Seen(False, f"{access}", cause, "run the chapter from its top")
    came = steps.try_from_here(lab)
    if isinstance(came, steps.Refusal):
        cause = f"the registry sees this computer as {came.address or 'an address that it does not reveal'}"
        return Seen(False, f"rules for {', '.join(access.ip_rules)}, and a refusal", cause, "allow that address")
    return Seen(True, f"rules for {', '.join(access.ip_rules)}, and this computer can pull")


def _shut_out(lab: Lab) -> Seen:
    if not registry_is_there(lab):
        return NO_REGISTRY
    access = steps.current_access(lab)
    if access.default_action != "Deny":
        return Seen(False, f"{access}", "the default action was changed as well", "set it to Deny again")
    if not access.ip_rules:
        return Seen(True, "defaultAction Deny, and no rules")
    rules = f"rules for {', '.join(access.ip_rules)}"
    if isinstance(steps.try_from_here(lab), steps.Refusal):
        return Seen(True, f"defaultAction Deny, and {rules}: none for this computer")
    cause = "a change without ipRules leaves them as they are"
    return Seen(False, f"{rules}, and this computer can pull", cause, "send the rules again, without yours")


def _take_evidence(lab: Lab) -> None:
    steps.run_on_vm(lab, f"rm --force {EVIDENCE}")


TASKS = (
    Task(
        name="evidence",
        chapter="06",
        goal="On the VM, write into `/srv/evidence` what the registry answers there, and which address answers.",
        expected="/srv/evidence on {vm_name} with the status 401 and the endpoint's address",
        look=_evidence_there,
        hints=(
            "`curl` can say both: it has a `--write-out`, and `run_on_vm` takes a command as you would type it.",
            "curl's variables are `%{http_code}` and `%{remote_ip}`; ask for `/v2/`, and drop the body.",
        ),
        solution=write_evidence,
        az="az vm run-command invoke --resource-group {resource_group} --name {vm_name} \\\n"
        "    --command-id RunShellScript \\\n"
        "    --scripts \"curl --silent --output /dev/null --write-out '%{{http_code}} %{{remote_ip}}' \\\n"
        '    https://{login_server}/v2/ > /srv/evidence"',
        rights=(RUN,),
        undo=_take_evidence,
        undone="/srv/evidence on {vm_name}",
        foreign=vm_of_others,
    ),
    Task(
        name="one-address",
        chapter="06",
        goal="Let this one computer in, and no one else: allow the address that the refusal names.",
        expected="defaultAction Deny, a rule for this computer's address, and a pull from here",
        look=_let_in,
        hints=(
            "A rule is an action and a value; the rules are beside the default action, in `networkRuleSet`.",
            "`lab.registry.registries.begin_update(group, registry, body)`; the value is `refusal.address`.",
        ),
        solution=allow_this_address,
        az="""\
address=$(curl --silent https://{login_server}/v2/ | grep --only-matching --extended-regexp '([0-9]+\\.){{3}}[0-9]+')
az acr network-rule add --name {registry_name} --ip-address $address""",
        rights=(f"{REGISTRY}/write",),
        undo=remove_rule,
        undone="the rule for this computer's address",
        foreign=registry_of_others,
    ),
    Task(
        name="no-address",
        chapter="06",
        goal="Take the rule away again, and leave the registry closed.",
        expected="defaultAction Deny, and no rule for this computer",
        look=_shut_out,
        hints=(
            "It is the same call with another list: the existing rules, without yours.",
            "A list that is not sent stays as it is: send `ipRules`, as an empty list if yours was the only rule.",
        ),
        solution=remove_rule,
        az='az acr network-rule remove --name {registry_name} --ip-address "${{address:?the one that you allowed}}"',
        rights=(f"{REGISTRY}/write",),
        after="one-address",
        foreign=registry_of_others,
    ),
)
