# An image that is there already would only be asked for its manifest.
podman rmi --force "$SERVER/hello-world:v1" > forgotten 2>&1
exec podman pull --creds "$USER_NAME:$PASSWORD" "$SERVER/hello-world:v1"
