"""What the VM is asked to run: plain Ubuntu's bash, dig, getent, grep, cut and curl, nothing installed for it.

Each part of the output begins with a line `=== KIND SUBJECT`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from acrlab.steps import run_command

MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
)
IDENTITY = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
DIG = f"{run_command.DIG} +time=2 +tries=1"
TIMES = "--connect-timeout 5 --max-time 20"
CHALLENGE = f"""echo "=== probe challenge $host"
curl -sS {TIMES} -o /dev/null -w '%{{http_code}} %{{remote_ip}}\\n' "https://$host/v2/" 2>&1"""
AGAIN = "--retry 2"  # a registry may answer 429 and say when to come again; a busy one is no broken one


def settings_script() -> str:
    """Files that bend names, the servers that the VM's own resolver asks (as DHCP told it), the daemon's settings."""
    return "\n".join(
        (
            "echo '=== hosts'; grep -i azurecr /etc/hosts || true",
            "echo '=== resolvers'; grep '^nameserver' /etc/resolv.conf || true",
            "echo '=== servers'; grep -s '^nameserver' /run/systemd/resolve/resolv.conf || true",
            "echo '=== daemon'",
            "files='/etc/docker/daemon.json /etc/systemd/system/docker.service.d/*.conf'",
            "cat $files 2>/dev/null | grep -i prox || true",
        )
    )


def names_script(hosts: Iterable[str]) -> str:
    """What the resolver says to these names, and which address programs get; the VM's own cache is emptied."""
    lines = [run_command.FLUSH, "command -v dig > /dev/null || echo '=== lacks dig'"]
    for host in hosts:
        lines.append(f"echo '=== answer {host}'; {DIG} {host} || true")
        lines.append(f"echo '=== used {host}'; getent ahostsv4 {host} | head -n 1 || true")
    return "\n".join(lines)


def challenge_script(host: str) -> str:
    """The first step of an image's way alone: knock, without a token."""
    return f"host={shlex.quote(host)}\n{CHALLENGE}\ntrue"


def data_path_script(host: str, image: str, management: str) -> str:
    """The way of an image: knock, sign in with the VM's identity, manifest, the first byte of one layer.

    Each step says its HTTP status and the address that it went to. Tokens stay in the shell's variables, and the
    layer's signed address loses its signature before it is shown.
    """
    repository, _, tag = image.partition(":")
    return f"""host={shlex.quote(host)}; repository={shlex.quote(repository)}; tag={shlex.quote(tag)}
field() {{ grep -o "\\"$1\\": *\\"[^\\"]*\\"" | head -n 1 | cut -d'"' -f4; }}
ask() {{ curl -sS {TIMES} {AGAIN} -H "Authorization: Bearer $access" -H 'Accept: {MANIFESTS}' "$@"; }}
digests() {{ grep -o 'sha256:[0-9a-f]*'; }}
{CHALLENGE}
echo "=== probe identity $host"
answer=$(curl -sS {TIMES} -w ' %{{http_code}}' -H Metadata:true "{IDENTITY}{management}/" 2>/dev/null)
echo "${{answer##* }}"
token=$(echo "$answer" | field access_token)
if [ -n "$token" ]; then
  echo "=== probe sign-in $host"
  asked="grant_type=access_token&service=$host&access_token=$token"
  answer=$(curl -sS {TIMES} -w ' %{{http_code}}' -d "$asked" "https://$host/oauth2/exchange" 2>/dev/null)
  echo "${{answer##* }}"
  token=$(echo "$answer" | field refresh_token)
  asked="grant_type=refresh_token&service=$host&scope=repository:$repository:pull&refresh_token=$token"
  access=$(curl -sS {TIMES} -d "$asked" "https://$host/oauth2/token" 2>/dev/null | field access_token)
  echo "=== probe manifest $host"
  ask -o /dev/null -w '%{{http_code}} %{{remote_ip}}\\n' "https://$host/v2/$repository/manifests/$tag" 2>&1
  manifest=$(ask "https://$host/v2/$repository/manifests/$tag" 2>/dev/null)
  if echo "$manifest" | grep -q '"manifests"'; then
    first=$(echo "$manifest" | digests | head -n 1)
    manifest=$(ask "https://$host/v2/$repository/manifests/$first" 2>/dev/null)
  fi
  layer=$(echo "$manifest" | digests | tail -n 1)
  if [ -n "$layer" ]; then
    echo "=== probe layer $host"
    form='%{{http_code}} %{{remote_ip}} %{{url_effective}}\\n'
    blob="https://$host/v2/$repository/blobs/$layer"
    ask -L -H 'Range: bytes=0-0' -o /dev/null -w "$form" "$blob" 2>&1 | cut -d'?' -f1
  fi
fi
true"""
