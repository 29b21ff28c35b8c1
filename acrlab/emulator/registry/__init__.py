"""The registry's data plane: what it holds, who may have it, and from where."""
