"""Pull with PyPI's azure-containerregistry, as the service principal of the environment, or as the VM."""

import os
import sys

from azure.containerregistry import ContainerRegistryClient
from azure.core.exceptions import AzureError
from azure.identity import EnvironmentCredential, ManagedIdentityCredential

credential = EnvironmentCredential() if os.environ.get("AZURE_CLIENT_SECRET") else ManagedIdentityCredential()
with ContainerRegistryClient(f"https://{os.environ['SERVER']}", credential, retry_total=0) as client:
    try:
        manifest = client.get_manifest("hello-world", "v1").manifest
        if "manifests" in manifest:
            manifest = client.get_manifest("hello-world", manifest["manifests"][0]["digest"]).manifest
        for blob in (manifest["config"], *manifest["layers"]):
            assert sum(map(len, client.download_blob("hello-world", blob["digest"]))) == blob["size"]
    except AzureError as problem:
        sys.exit(str(problem))
