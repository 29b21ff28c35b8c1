"""Commands for steps that the lab has and the article has not, as templates over the settings' names."""

from __future__ import annotations

__all__ = ["BESIDE"]

BESIDE = {
    "look-from-the-machine": """
az vm run-command invoke --resource-group {resource_group} --name {machine_name} \\
    --command-id RunShellScript --scripts "getent hosts {login_server}"
""",
    "let-the-machine-pull": """
principalID=$(az vm show --name {machine_name} --resource-group {resource_group} \\
    --query identity.principalId --output tsv)

acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)

az role assignment create --role AcrPull --scope $acrID \\
    --assignee-object-id $principalID --assignee-principal-type ServicePrincipal
""",
    "the-portal-s-way": """
az network private-dns zone create --resource-group {portal_resource_group} --name {zone_name}

az network private-dns link vnet create --resource-group {portal_resource_group} --zone-name {zone_name} \\
    --name {link_name} --virtual-network {portal_network_name} --registration-enabled false

acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)

az network private-endpoint create --resource-group {portal_resource_group} --name {portal_endpoint_name} \\
    --vnet-name {portal_network_name} --subnet {portal_subnet_name} \\
    --private-connection-resource-id $acrID --group-ids registry --connection-name {portal_endpoint_name}

az network private-endpoint dns-zone-group create --resource-group {portal_resource_group} \\
    --endpoint-name {portal_endpoint_name} --name default \\
    --private-dns-zone {zone_name} --zone-name privatelink-azurecr-io
""",
    "take-the-portal-s-lab-away": """
az group delete --name {portal_resource_group} --yes
""",
    "change-your-mind": """
connectionName=$(az acr private-endpoint-connection list --registry-name {registry_name} --output tsv \\
    --query "[?ends_with(privateEndpoint.id, '/{manual_endpoint_name}')].name")

az acr private-endpoint-connection reject --registry-name {registry_name} --name $connectionName

az network private-endpoint delete --name {manual_endpoint_name} --resource-group {resource_group}
""",
    "look-who-may-connect": """
az acr show --name {registry_name} \\
    --query "[publicNetworkAccess, networkRuleSet.defaultAction, networkRuleBypassOptions]"
""",
    "enable-again": """
az acr update --name {registry_name} --public-network-enabled false

az acr update --name {registry_name} --public-network-enabled true
""",
    "look-at-the-tags": """
az resource list --tag acrlab={registry_name} --query "[].{{name: name, type: type}}"
""",
    "prove-absence": """
az group exists --name {resource_group}

az acr check-name --name {registry_name}
""",
}
