"""Kubernetes as far as pods and their images go: nodes that pull, kubelets that tell, and a small `kubectl`.

A pod is a record in its cluster's state. What its node does is real work: it resolves the registry's name where it
stands, signs in with the kubelets' identity and pulls through the emulated network. What the container does is what
`docker run` does on the emulated VM: no program runs that the VM's own shell has not.
"""
