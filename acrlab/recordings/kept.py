"""What a recording keeps: lists of what may stay, by name. What is in none of them is left out or hidden.

They name what Resource Manager, its providers and the registry say about what this lab is made of. A new property of
theirs is missing in recordings until it is added here, which is the safe side.
"""

from __future__ import annotations

# Keys of JSON objects whose values stay, without what is sensitive by its form.
KEYS = frozenset(
    """
    aaaaRecords access Action actions actionsRequired additionalInfo addressPrefix addressPrefixes addressSpace
    adminUserEnabled allowExtensionOperations allowPort25Out anonymousPull anonymousPullEnabled apiVersion
    apiVersions applicationSecurityGroups appliedDnsServers architecture aRecords assessmentMode authorizationSource
    automaticOSUpgradeProperties automaticOSUpgradeSupported auxiliaryMode auxiliarySku available
    availableIPAddresses availableZones azureADAuthenticationAsArmPolicy backendAddressPools bastionHosts caching
    capabilities changeableAttributes cname cnameRecord code commandId computerName config contentVersion
    correlationId created createdAt createdDate createdByType createdOn createdTime createOption creationDate
    currentValue customDnsConfigs customNetworkInterfaceName dataActions dataDiskImages dataDisks
    dataEndpointEnabled dataEndpointHostNames days ddosSettings defaultAction defaultOutboundAccess
    defaultSecurityRules delegations deleteEnabled deleteOption dependencies dependsOn description
    destinationAddressPrefix destinationAddressPrefixes destinationPortRange destinationPortRanges detail
    dhcpOptions digest direction disablePasswordAuthentication disableTcpStateTracking disallowed disks diskSizeGB
    displayStatus dnsServers dnsSettings domainNameLabel duration email enableAcceleratedNetworking
    enableDdosProtection enableIPForwarding enableOnlyIPv6Peering enableVmProtection encryption endTime error errors
    etag exactVersion exchange expireTime exportPolicy extensionHandlers family features flushConnection fqdn fqdns
    frontendIPConfigurations groupId groupIds hardwareProfile host hostedWorkloads hyperVGeneration id identity
    idleTimeoutInMinutes imageCount imageDeprecationStatus imageName imageReference imageSize imageState
    inboundNatPools inboundNatRules info innererror instanceView internalDnsNameLabel internalFqdn ipAddress
    ipAddresses ipamPoolPrefixAllocations ipConfiguration ipConfigurationId ipConfigurations ipRules ipTags
    ipv4Address ipv6Address isAutoRegistered isPlatformReserved kind lastModifiedAt lastModifiedByType
    lastUpdatedTime lastUpdateTime layers level limit linuxConfiguration listEnabled loadBalancer
    loadBalancerBackendAddresses loadBalancerBackendAddressPools loadBalancerInboundNatRules loadBalancingRules
    localizedValue location locationInfo locationPlacementId locations logicalZone loginServer lun macAddress
    managedBy managedByTenants managedDisk manifestCount manifests manualPrivateLinkServiceConnections
    maxNumberOfRecordSets maxNumberOfVirtualNetworkLinks maxNumberOfVirtualNetworkLinksWithRegistration mediaType
    message metadataSearch minimumTtl mode mxRecords Name nameAvailable namespace natGateway networkInterfaces
    networkProfile networkRuleBypassAllowedForTasks networkRuleBypassOptions networkRuleSet networkSecurityGroup
    networkSecurityGroups nextHopType nextLink nicType notActions notBefore notDataActions notificationDetails
    numberOfRecordSets numberOfVirtualNetworkLinks numberOfVirtualNetworkLinksWithRegistration offer operatingSystem
    operationId os osDisk osDiskImage osName osProfile osType osVersion outboundRules output outputResources outputs
    parameters patchMode patchSettings path peeringState percentComplete permissions physicalZone plan platform
    policies policyDefinitionId port preference primary principalId principalType priority privateDnsZoneConfigs
    privateDnsZoneId privateEndpoint privateEndpointConnections privateEndpointNetworkPolicies privateEndpoints
    privateIPAddress privateIPAddressVersion privateIPAllocationMethod privateLinkConnectionProperties
    privateLinkServiceConnections privateLinkServiceConnectionState privateLinkServiceId
    privateLinkServiceNetworkPolicies probes properties protectionMode protocol providers provisioningState
    provisionVMAgent ptrdname ptrRecords publicIPAddress publicIPAddresses publicIPAddressVersion
    publicIPAllocationMethod publicKeys publicNetworkAccess publisher purpose quarantinePolicy quotaId readEnabled
    reason records recordSetName recordSets recordType references refreshTime regionalEndpointHostNames
    regionEndpointEnabled registrationEnabled registrationPolicy registrationState registry registryUri
    remoteVirtualNetwork replicaType repositories requestMessage requiredMemberName requiredMembers
    requiredZoneNames requireGuestProvisionSignal resourceGuid resourceName resources resourceType resourceTypes
    resolutionPolicy restrictions retentionDays retentionPolicy retryTime roleAssignmentMode roleDefinitionId
    routes routeTable
    schemaVersion scope script secrets securityRules serialNumber service serviceEndpoints signed size sizeInBytes
    sku soaRecord softDeletePolicy source sourceAddressPrefix sourceAddressPrefixes sourceImage sourcePortRange
    sourcePortRanges spendingLimit srvRecords ssh startTime state status statuses storageAccountType storageProfile
    subnet subnets subscriptionId subscriptionPolicies systemData tag tagCount tapConfigurations target
    targetResourceId targetTags taskType template templateHash tenantId tier timeCreated timestamp timeZoneId
    toBeDetached trustPolicy ttl txtRecords type uniqueIdentifier unit updatedOn usages validatedResources value
    variables version virtualMachine virtualNetwork virtualNetworkLinkState virtualNetworkPeerings
    virtualNetworkRules vmAgent vmAgentVersion vmDiskType vmId vmSize vnetEncryptionSupported weight writeEnabled
    zone zoneDetails zoneMappings zoneRedundancy zones
""".lower().split()
)
# Keys that stay, and a stand-in for every value.
HIDDEN_KEYS = frozenset({"keydata", "access_token", "refresh_token", "displayname", "regionaldisplayname", "localname"})
# Of these, what is an id or an address of mail stays, as its stand-in.
AUTHORS = frozenset({"createdby", "lastmodifiedby", "updatedby"})
# Of these, what so many are called that it tells of no one.
USERS = frozenset({"adminusername", "username"})
TAGS = frozenset({"tags", "metadata"})  # both are what people write on their things
OWN_TAGS = ("acrlab",)  # with which the names of the lab's own tags begin
COURSE_TAGS = frozenset({("purpose", "private-link"), ("team", "another")})  # what tasks have the reader write
# Headers of answers that the SDKs go by; others tell of the service and of the caller.
HEADERS = frozenset(
    {
        *("content-type", "location", "azure-asyncoperation", "retry-after", "etag", "link", "www-authenticate"),
        *("content-range", "docker-content-digest", "docker-distribution-api-version"),
    }
)
# Parameters of addresses, and of forms.
PARAMETERS = frozenset(
    {
        *("api-version", "$filter", "$expand", "$top", "$select", "$orderby", "scope", "service", "resource"),
        *("n", "last", "digest", "tag", "orderby", "r", "d", "monitor", "se", "sp", "spr", "sr", "sv", "grant_type"),
        *("linkid", "client-request-id", "detail", "force"),
    }
)
