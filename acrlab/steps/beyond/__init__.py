"""Steps of the chapters that go beyond the article's draft: hubs and spokes, replicas, closed registries, AKS."""
