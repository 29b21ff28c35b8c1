rm -rf pulled
exec skopeo copy --src-creds "$USER_NAME:$PASSWORD" "docker://$SERVER/hello-world:v1" dir:pulled
