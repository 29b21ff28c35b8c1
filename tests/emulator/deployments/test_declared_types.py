"""What a template declares of values: types of its own, what they allow, and what null stands for.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/definitions
"""

from __future__ import annotations

import pytest

from tests.emulator.deployments.test_deployment_answers import put, sent

DEFINITIONS = {
    "short": {"type": "string", "minLength": 2, "maxLength": 3},
    "month": {"type": "int", "minValue": 1, "maxValue": 12},
    "lock": {"type": "object", "properties": {"kind": {"type": "string", "allowedValues": ["None", "ReadOnly"]}}},
    "endpoint": {
        "type": "object",
        "properties": {"subnet": {"$ref": "#/definitions/short"}, "service": {"type": "string", "nullable": True}},
        "additionalProperties": False,
    },
    "words": {"type": "object", "additionalProperties": {"type": "string"}},
    "pair": {"type": "array", "prefixItems": [{"type": "int"}, {"type": "bool"}], "items": False},
    "union": {
        "type": "object",
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                "ints": {"type": "object", "properties": {"foo": {"type": "int"}}, "additionalProperties": False},
                "texts": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
    "again": {"$ref": "#/definitions/again"},
}


def asked(desk, rule, *value, **template):
    """The error of a template with a parameter of a type; empty: it is accepted."""
    body = sent(languageVersion="2.0", definitions=DEFINITIONS, **template)
    body["properties"]["template"]["parameters"] = {"p": rule}
    body["properties"]["parameters"] = {"p": {"value": value[0]}} if value else {}
    answer = put(desk, body)
    return answer.body.get("error", {}).get("message", "")


def of(name, **more):
    return {"$ref": f"#/definitions/{name}", **more}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (of("short"), "abc"),
        (of("month"), 12),
        (of("lock"), {"kind": "ReadOnly", "notes": "any other property"}),
        (of("endpoint"), {"subnet": "ab"}),
        (of("endpoint"), {"subnet": "ab", "service": None}),
        (of("words"), {"fizz": "buzz"}),
        (of("pair"), [1, True]),
        (of("union"), {"type": "ints", "foo": 1}),
        (of("union"), {"type": "texts", "pop": "goes"}),
        ({"type": "array", "items": of("endpoint")}, [{"subnet": "ab"}, {"subnet": "cde"}]),
        ({"type": "array", "items": {"type": "int"}, "nullable": True}, None),
    ],
)
def test_a_value_of_its_type_is_accepted(desk, rule, value):
    assert asked(desk, rule, value) == ""


@pytest.mark.parametrize(
    ("rule", "value", "problem"),
    [
        (of("short"), "a", "'p' is not valid. Length of the value should be greater than or equal to '2'"),
        (of("short"), "abcd", "Length of the value should be less than or equal to '3'"),
        (of("month"), 13, "The value should be less than or equal to '12'"),
        (of("month"), True, "Expected a value of type 'Integer', but received a value of type 'Boolean'"),
        (of("lock"), {"kind": "Other"}, "'p.kind' is not valid. The value 'Other' is not part of the allowed value(s)"),
        (of("lock"), {}, "The required property 'kind' is missing"),
        (of("lock"), "{}", "Expected a value of type 'Object', but received a value of type 'String'"),
        (
            of("endpoint"),
            {"subnet": "ab", "bar": 1, "baz": 2},
            "not defined in the schema, but the following unknown properties were present: ['bar', 'baz']",
        ),
        (of("words"), {"fizz": 1}, "'p.fizz' is not valid. Expected a value of type 'String, Uri'"),
        (of("pair"), [1], "The array has 1 items where 2 are expected"),
        (of("pair"), [1, True, 1], "The array has 3 items where 2 are expected"),
        (of("pair"), [1, "a"], "'p.1' is not valid. Expected a value of type 'Boolean'"),
        (of("union"), {"type": "ints", "fizz": "buzz"}, "The required property 'foo' is missing"),
        (of("union"), {"type": "dates"}, "The property 'type' has to be one of 'ints', 'texts'"),
        (of("union"), {"type": ["ints"]}, "The property 'type' has to be one of 'ints', 'texts'"),
        (of("union"), {"type": {}}, "The property 'type' has to be one of 'ints', 'texts'"),
        ({"type": "array", "items": of("endpoint")}, [{"subnet": "ab"}, {}], "'p.1' is not valid"),
        (of("nowhere"), "a", "'#/definitions/nowhere' is not valid: no such definition"),
        (of("again"), "a", "refers to itself"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_place(desk, rule, value, problem):
    assert problem in asked(desk, rule, value)


@pytest.mark.parametrize("given", [(), (None,)])
def test_a_value_that_is_null_or_not_given_is_the_default(desk, given):
    output = {"o": {**of("short"), "value": "[parameters('p')]"}}

    assert asked(desk, of("short", defaultValue="ab"), *given, outputs=output) == ""
    assert desk.finished()["outputs"]["o"] == {"type": "String", "value": "ab"}


def test_null_for_what_has_to_be_given_is_refused(desk):
    assert "The value of deployment parameter 'p' is null" in asked(desk, {"type": "string"}, None)


def test_types_of_their_own_need_the_second_version_of_the_language(desk):
    body = sent()
    body["properties"]["template"]["parameters"] = {
        "p": {"type": "array", "items": {"type": "int"}, "defaultValue": [1]}
    }

    error = put(desk, body).body["error"]

    assert error["code"] == "InvalidTemplate"
    assert "must be specified in order to use feature 'AggregateTypeValidation'" in error["message"]


def test_a_list_of_objects_among_allowed_lists_is_compared(desk):
    rule = {"type": "array", "allowedValues": [[{"a": 1}]]}

    assert asked(desk, rule, [{"a": 1}]) == ""
    assert "not part of the allowed value(s)" in asked(desk, rule, [{"a": True}])


def test_an_output_is_held_against_its_type_too(desk):
    output = {"o": {**of("endpoint"), "value": {"subnet": "too long"}}}

    assert "template output 'o.subnet' is not valid. Length" in asked(desk, {"type": "string"}, "x", outputs=output)


def test_an_output_that_may_be_null_is(desk):
    output = {"o": {"type": "string", "nullable": True, "value": "[null()]"}}

    assert asked(desk, {"type": "string"}, "x", outputs=output) == ""
    assert desk.finished()["outputs"]["o"] == {"type": "String", "value": None}
