"""The names of Azure's service tags, as rules and routes spell them.

Sources: https://learn.microsoft.com/azure/virtual-network/service-tags-overview, and the lists that
`az network list-service-tags` gives.
"""

from __future__ import annotations

from acrlab.azure.cloud import REGIONS

# What a rule alone can name: places of a network, not of a service.
PLACES = frozenset(("virtualnetwork", "internet", "azureloadbalancer"))
# What lies behind Azure's own address in each network. Rules have no effect there unless they name it so.
PLATFORM = frozenset(("azureplatformdns", "azureplatformimds", "azureplatformlkm"))
_SERVICES = """
actiongroup apimanagement appconfiguration applicationinsightsavailability appservice appservicemanagement
autonomousdevelopmentplatform azureactivedirectory azureactivedirectorydomainservices azureadvancedthreatprotection
azurearcinfrastructure azureattestation azurebackup azurebotservice azurecloud azurecognitivesearch azureconnectors
azurecontainerappsservice azurecontainerregistry azurecosmosdb azuredatabricks azuredataexplorermanagement
azuredatalake azuredeviceupdate azuredevops azuredevspaces azuredigitaltwins azureeventgrid azurehealthcareapis
azureinformationprotection azureiothub azurekeyvault azureloadtestinginstancemanagement azuremachinelearning
azuremachinelearninginference azuremanagedgrafana azuremonitor azuremonitorforsap azureopendatasets azureportal
azureremoterendering azureresourcemanager azuresecuritycenter azuresentinel azuresignalr azuresiterecovery azuresphere
azurespringcloud azurestack azuretrafficmanager azureupdatedelivery azurewebpubsub batchnodemanagement chaosstudio
cognitiveservicesfrontend cognitiveservicesmanagement containerappsmanagement copilotactions datafactory
datafactorymanagement dynamics365businesscentral dynamics365formarketingemail dynamics365fraudprotection
eopexternalpublishedips eventhub gatewaymanager grafana guestandhybridmanagement hdinsight kustoanalytics logicapps
logicappsmanagement m365lighthouseprod m365managementactivityapi m365managementactivityapiwebhook marketplace
microsoftazurefluidrelay microsoftcloudappsecurity microsoftcontainerregistry microsoftdefenderforendpoint
microsoftpurviewpolicydistribution onedscollector powerbi powerplatforminfra powerplatformplex powerqueryonline
sccservice scuba securitycopilot serialconsole servicebus servicefabric sql sqlmanagement storage storagemover
storagesyncservice systemserviceazurespringappsresourceprovider videoindexer windowsadmincenter windowsvirtualdesktop
zerotrustsegmentation
"""
SERVICES = frozenset(_SERVICES.split())
# In these the part after the dot is not a region.
PARTS = frozenset(f"azurefrontdoor.{part}" for part in ("backend", "firstparty", "frontend", "microsoftsecurity"))


def is_service(text: str) -> bool:
    """Tell whether this names what a service has, all over Azure or in one region, such as `Storage.WestUS`."""
    service, dot, region = text.lower().partition(".")
    return text.lower() in PARTS or (service in SERVICES and (not dot or region in REGIONS))


def is_tag(text: str) -> bool:
    """Tell whether a security rule can name this: a service, Azure's own in each network, or a place."""
    return is_service(text) or text.lower() in PLACES | PLATFORM
