"""What a registry says of its use: from what is really there, against what its SKU allows."""

IMAGE = {"source": {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}, "mode": "Force"}


def usages(cloud, name="contoso"):
    return {
        u.name: (u.current_value, u.limit, u.unit) for u in cloud.registries.registries.list_usages("g", name).value
    }


def test_an_empty_premium_registry_uses_nothing_of_eight_things(cloud):
    cloud.registry()

    assert usages(cloud) == {
        "Size": (0, 536870912000, "Bytes"),
        "Webhooks": (0, 500, "Count"),
        "Geo-replications": (0, -1, "Count"),
        "IPRules": (0, 200, "Count"),
        "VNetRules": (0, 100, "Count"),
        "PrivateEndpointConnections": (0, 200, "Count"),
        "ScopeMaps": (0, 50000, "Count"),
        "Tokens": (0, 50000, "Count"),
    }


def test_a_smaller_sku_counts_only_what_it_offers(cloud):
    cloud.registry("basic", "Basic")
    cloud.registry("standard", "Standard")

    assert usages(cloud, "basic") == {
        "Size": (0, 10737418240, "Bytes"),
        "Webhooks": (0, 2, "Count"),
        "ScopeMaps": (0, 100, "Count"),
        "Tokens": (0, 100, "Count"),
    }
    assert usages(cloud, "standard")["Size"] == (0, 107374182400, "Bytes")


def test_what_is_there_is_counted(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    cloud.registries.replications.begin_create("g", "contoso", "eastus", {"location": "eastus"}).result()
    rules = {"properties": {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}}}
    cloud.registries.registries.begin_update("g", "contoso", rules).result()

    found = {name: used for name, (used, _, _) in usages(cloud).items() if used}

    assert found == {"Geo-replications": 2, "IPRules": 1, "PrivateEndpointConnections": 1}


def test_the_size_is_that_of_what_is_stored_and_each_layer_counts_once(cloud):
    cloud.registry()
    imports = cloud.registries.registries
    imports.begin_import_image("g", "contoso", {**IMAGE, "targetTags": ["one:v1"]}).result()
    once = usages(cloud)["Size"][0]

    imports.begin_import_image("g", "contoso", {**IMAGE, "targetTags": ["two:v1", "one:v2"]}).result()

    assert once == 1465  # the manifest, its config and its one layer
    assert usages(cloud)["Size"][0] == once
