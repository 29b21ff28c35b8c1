"""What names of resources may look like, where several types share a rule.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

NETWORK_NAME = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?"
COMPUTE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}(?<![-.])"

# A resolver, its endpoints, rulesets and their links. Source: https://learn.microsoft.com/azure/templates/microsoft.network/dnsresolvers
DNS_NAME = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,78}[A-Za-z0-9_])?"
