"""The emulated Azure over HTTPS: sockets, TLS, ASGI, the proxy and the clock of a server."""
