"""The YAML that people write for Kubernetes, compared with what the library for YAML makes of it."""

import pytest
import yaml

from acrlab.emulator.kubernetes.yaml_text import YamlProblem, documents

TEXTS = [
    "a: 1\nb:\n  c: two\n  d: [1, 'x y', \"z\"]\n",
    "items:\n- name: one\n  value: 'it''s'\n- name: two\n  deep:\n    - a\n    - b: c\n      d: e\n",
    "list:\n  - - 1\n    - 2\n  - 3\nempty:\nflag: true\nnothing: null\nratio: 1.5\n",
    "image: contoso.azurecr.io/hello-world:v1 # the private one\nurl: https://contoso.azurecr.io/v2/\n",
    "metadata: {name: x, labels: {app: web, tier: front}}\nargs: [-c, \"echo 'a # b'\"]\n",
    "a: 1\n---\nb: 2\n",
    "- a\n- b: 1\n  c: 2\n",
    "\"quoted key\": x\n'other': y\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_read_as_the_library_reads_it(text):
    assert documents(text) == list(yaml.safe_load_all(text))


@pytest.mark.parametrize(
    "text", ["a: &b 1", "a: |\n  x", "a: [1", "a: 1\n  b: 2", "a: 1\na: 2", "\ta: 1", "{", "- a\nb: 1"]
)
def test_what_is_not_read_is_refused(text):
    with pytest.raises(YamlProblem):
        documents(text)


def test_json_is_read_too():
    assert documents('{"a": [1, {"b": null}]}') == [{"a": [1, {"b": None}]}]
