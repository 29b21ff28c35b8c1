# Follow the references by hand: index, manifest, layer; each answer is shown to be what was asked for by its digest.
set -e
get() { curl -sS --fail-with-body -L -m 3 -u "$USER_NAME:$PASSWORD" "$@"; }
manifest() {
    get -H "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" \
        -H "Accept: application/vnd.docker.distribution.manifest.list.v2+json" \
        -H "Accept: application/vnd.docker.distribution.manifest.v2+json" \
        "https://$SERVER/v2/hello-world/manifests/$1"
}
digests() { tr -d '\n ' | tr '{' '\n' | grep -o '"digest":"[^"]*"' | cut -d '"' -f 4; }
manifest v1 > top.json
if grep -q '"manifests"' top.json; then manifest "$(digests < top.json | head -n 1)" > manifest.json; else cp top.json manifest.json; fi
for digest in $(digests < manifest.json); do
    get -o blob "https://$SERVER/v2/hello-world/blobs/$digest"
    echo "${digest#sha256:}  blob" | sha256sum --check
done
