docker rmi --force "$SERVER/hello-world:v1" > forgotten 2>&1
echo "$PASSWORD" | docker login --username "$USER_NAME" --password-stdin "$SERVER" && exec docker pull "$SERVER/hello-world:v1"
