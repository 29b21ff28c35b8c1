"""acrlab: learn, automate and diagnose Private Link for Azure Container Registry, offline or on a real subscription."""
