"""The small `kubectl`: what it prints, what it refuses, and what it reads."""

import base64
import io
import json
import zipfile

import pytest

HELLO = "contoso.azurecr.io/hello-world:v1"
DEPLOYMENT = f"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: greeter   # says hello
spec:
  replicas: 2
  selector:
    matchLabels: {{app: greeter}}
  template:
    metadata:
      labels:
        app: greeter
    spec:
      containers:
      - name: hello
        image: "{HELLO}"
"""
POD = f"""
apiVersion: v1
kind: Pod
metadata: {{name: single, labels: {{run: single}}}}
spec:
  restartPolicy: Never
  containers:
    - name: hello
      image: {HELLO}
      command: ["/cat", '/message.txt']
"""


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return base64.encodebytes(stream.getvalue()).decode()


def refused(cluster, command):
    told = cluster.invoke(command)
    assert told["exit"] == 1
    return told["logs"].strip()


def test_nodes_are_listed_with_their_addresses(cluster):
    lines = cluster.out("kubectl get nodes -o wide").splitlines()

    assert lines[0].split()[:6] == ["NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP"]
    assert lines[1].split()[:2] == ["aks-nodepool1-00000001-vmss000000", "Ready"]
    assert "10.0.0.20" in lines[1]


def test_nothing_is_said_to_be_there(cluster):
    assert cluster.out("kubectl get pods") == "No resources found in default namespace.\n"
    assert cluster.out("kubectl get pods -A") == "No resources found.\n"


def test_a_name_is_used_once(cluster):
    cluster.out(f"kubectl run hello --image={HELLO}")

    assert refused(cluster, f"kubectl run hello --image={HELLO}") == (
        'Error from server (AlreadyExists): pods "hello" already exists'
    )


def test_what_is_not_there_is_not_found(cluster):
    assert refused(cluster, "kubectl get pod none") == 'Error from server (NotFound): pods "none" not found'
    assert refused(cluster, "kubectl delete pod none") == 'Error from server (NotFound): pods "none" not found'
    assert refused(cluster, "kubectl get pods -n none") == 'Error from server (NotFound): namespaces "none" not found'


def test_a_waiting_container_has_no_log(cluster):
    cluster.out("kubectl run hello --image=contoso.azurecr.io/none:v1")
    cluster.later(8)

    assert refused(cluster, "kubectl logs hello") == (
        'Error from server (BadRequest): container "hello" in pod "hello" is waiting to start: trying and failing to '
        "pull image"
    )


def test_a_program_that_ends_is_started_again_and_again(cluster):
    cluster.out(f"kubectl run hello --image={HELLO}")
    cluster.later(45)

    assert "CrashLoopBackOff" in cluster.out("kubectl get pods")
    told = [message for reason, message in cluster.events() if reason == "BackOff"]
    assert told[0].startswith("Back-off restarting failed container hello in pod hello_default(")


def test_a_program_that_the_image_lacks_does_not_start(cluster):
    cluster.out(f"kubectl run hello --image={HELLO} --restart=Never --command -- sleep 60")
    cluster.later(5)

    assert "StartError" in cluster.out("kubectl get pods")
    assert 'exec: "sleep": executable file not found in $PATH' in cluster.events()[-1][1]


def test_describe_tells_all_events_of_a_pod(cluster):
    cluster.out("kubectl run hello --image=contoso.azurecr.io/none:v1")
    cluster.later(8)

    text = cluster.out("kubectl describe pod hello")

    assert "Node:             aks-nodepool1-00000001-vmss000000/10.0.0.20\n" in text
    assert "    State:          Waiting\n      Reason:       ImagePullBackOff\n" in text
    events = text.partition("Events:\n")[2].splitlines()
    assert events[0].split() == ["Type", "Reason", "Age", "From", "Message"]
    assert events[2].split()[:2] == ["Normal", "Scheduled"]
    assert "Warning" in events[4]


def test_get_and_describe_take_a_kind_with_names_or_with_one_behind_a_stroke(cluster):
    cluster.out("kubectl run hello --image=contoso.azurecr.io/none:v1")
    cluster.out("kubectl run other --image=contoso.azurecr.io/none:v1")

    for verb in ("get", "describe"):
        assert cluster.out(f"kubectl {verb} po hello") == cluster.out(f"kubectl {verb} pod/hello")
        assert "other" not in cluster.out(f"kubectl {verb} pod/hello")
        assert "other" in cluster.out(f"kubectl {verb} pod/hello other")
        assert "other" in cluster.out(f"kubectl {verb} pods")
        assert f"You must specify the type of resource to {verb}." in str(cluster.invoke(f"kubectl {verb}"))
    assert "kubectl describe deployment; known: pod" in str(cluster.invoke("kubectl describe deploy/web"))


def test_events_are_sorted_by_when_they_came_first_however_often_they_came_since(cluster):
    cluster.out("kubectl run lost --image=contoso.azurecr.io/no-such:v1 --restart=Never")
    cluster.later(5)
    cluster.out("kubectl get pods")
    those = "kubectl get events --field-selector involvedObject.name=lost --sort-by=.metadata.creationTimestamp"
    first = [line.split()[2] for line in cluster.out(those).splitlines()[1:]]
    cluster.later(60)
    cluster.out("kubectl get pods")

    assert [line.split()[2] for line in cluster.out(those).splitlines()[1:]] == first
    assert first == ["Scheduled", "Pulling", "Failed", "Failed", "BackOff", "Failed"]
    assert "known: .lastTimestamp" in str(cluster.invoke("kubectl get events --sort-by=.type"))


def test_events_are_listed_by_time(cluster):
    cluster.out(f"kubectl run hello --image={HELLO} --restart=Never")
    cluster.later(5)

    lines = cluster.out("kubectl get events --field-selector involvedObject.name=hello").splitlines()

    assert lines[0].split()[:3] == ["LAST", "SEEN", "TYPE"]
    assert [line.split()[2] for line in lines[1:]] == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


def test_json_has_the_shape_of_the_api(cluster):
    cluster.out(f"kubectl run hello --image={HELLO} --restart=Never")
    cluster.later(5)

    pod = json.loads(cluster.out("kubectl get pod hello -o json"))

    assert (pod["kind"], pod["status"]["phase"]) == ("Pod", "Succeeded")
    (status,) = pod["status"]["containerStatuses"]
    assert status["state"]["terminated"]["exitCode"] == 0
    assert cluster.out("kubectl get pod hello -o jsonpath='{.status.phase}'") == "Succeeded"


def test_a_deployment_keeps_its_pods(cluster):
    told = cluster.invoke("kubectl apply -f d.yaml", zipped(d_yaml=DEPLOYMENT))
    assert told == {"exit": 0, "logs": "deployment.apps/greeter created\n"}
    assert cluster.invoke("kubectl apply -f d.yaml", zipped(d_yaml=DEPLOYMENT))["logs"].endswith(" unchanged\n")

    first = cluster.out("kubectl get pods -l app=greeter -o name").split()
    assert len(first) == 2
    assert cluster.out(f"kubectl delete {first[0]}").startswith('pod "greeter-')
    second = cluster.out("kubectl get pods -o name").split()
    assert (len(second), first[0] in second, first[1] in second) == (2, False, True)
    cluster.out("kubectl delete deployment greeter")
    assert cluster.out("kubectl get pods") == "No resources found in default namespace.\n"


def test_a_deployment_with_another_image_gets_other_pods(cluster):
    cluster.invoke("kubectl apply -f d.yaml", zipped(d_yaml=DEPLOYMENT))
    before = cluster.out("kubectl get pods -o name")

    told = cluster.invoke("kubectl apply -f d.yaml", zipped(d_yaml=DEPLOYMENT.replace(":v1", ":v2")))

    assert told["logs"] == "deployment.apps/greeter configured\n"
    assert not set(before.split()) & set(cluster.out("kubectl get pods -o name").split())


def test_a_pod_is_applied_from_the_text_of_a_command(cluster):
    assert cluster.out(f"kubectl apply -f - <<'END'\n{POD}\nEND") == "pod/single created\n"
    cluster.later(5)

    assert "Hello from Docker!" in cluster.out("kubectl logs single")


def test_a_pod_that_waits_is_given_the_image_that_was_meant(cluster):
    cluster.out("kubectl run shop --image=contoso.azurecr.io/hello-world:v9 --restart=Never")
    cluster.later(20)
    assert "ImagePullBackOff" in cluster.out("kubectl get pods")

    assert cluster.out(f"kubectl set image pod/shop shop={HELLO}") == "pod/shop image updated\n"
    assert cluster.out(f"kubectl set image pod/shop shop={HELLO}") == ""
    cluster.later(5)

    assert "Completed" in cluster.out("kubectl get pods")


def test_a_deployment_is_given_another_image_and_gets_other_pods(cluster):
    cluster.invoke("kubectl apply -f d.yaml", zipped(d_yaml=DEPLOYMENT))
    before = cluster.out("kubectl get pods -o name")

    told = cluster.out("kubectl set image deployment greeter hello=contoso.azurecr.io/hello-world:v2")

    assert told == "deployment.apps/greeter image updated\n"
    after = json.loads(cluster.out("kubectl get pods -o json"))["items"]
    assert not {f"pod/{pod['metadata']['name']}" for pod in after} & set(before.split())
    owners = {owner["name"] for pod in after for owner in pod["metadata"]["ownerReferences"]}
    assert [name.rpartition("-")[0] for name in owners] == ["greeter"]


def test_a_wait_lets_time_go_on(cluster):
    cluster.out(f"kubectl run hello --image={HELLO} --restart=Never")

    told = cluster.invoke("kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/hello --timeout=60s")
    assert told == {"exit": 0, "logs": "pod/hello condition met\n"}
    assert cluster.invoke("kubectl wait --for=condition=Ready pod/hello --timeout=5s")["exit"] == 1


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("kubectl scale deployment x", 'unknown command "scale"'),
        ("kubectl get services", "not emulated: the kind 'services'"),
        ("kubectl run Hello --image=x", "a lowercase RFC 1123 subdomain"),
        ("kubectl run hello", 'required flag(s) "image" not set'),
        ("kubectl get pods -o yaml", "not emulated: -o yaml"),
        ("kubectl set env pod/a A=b", "not emulated: kubectl set env"),
        ("kubectl set image pod/none none=a:b", 'pods "none" not found'),
        ("kubectl set image deployment/none none=a:b", 'deployments.apps "none" not found'),
        ("kubectl set image pod/none", "error: at least one image update is required"),
        ("kubectl apply -f none.yaml", 'the path "none.yaml" does not exist'),
        ("printf 'kind: Service\\napiVersion: v1' | kubectl apply -f -", "not emulated: kind Service of v1"),
        ("printf 'a: *b' | kubectl apply -f -", "not emulated: * of YAML"),
        ("printf 'a: 1\\n b: 2' | kubectl apply -f -", "mapping values are not allowed in this context"),
    ],
)
def test_what_is_not_emulated_says_so(cluster, command, told):
    assert told in refused(cluster, command)


def test_the_pod_of_a_command_has_no_docker(cluster):
    assert cluster.invoke("docker ps") == {"exit": 127, "logs": "bash: line 1: docker: command not found\n"}
    assert cluster.out("kubectl get nodes | grep -c Ready") == "2\n"
