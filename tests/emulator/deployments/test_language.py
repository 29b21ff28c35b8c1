"""The language inside templates: what each function answers, and what is refused."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acrlab.capabilities import thread_time
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.deployments.forms import FORMS
from acrlab.emulator.deployments.functions.by_name import FUNCTIONS
from acrlab.emulator.deployments.language import LONGEST, Language, calls
from tests.examples import often

LANGUAGE = Language(FUNCTIONS, FORMS)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[concat('a', 'b', 1)]", "ab1"),
        ("[concat(createArray(1), createArray(2, 3))]", [1, 2, 3]),
        ("[format('{0}-{1:D3}-{{x}}', 'net', 7)]", "net-007-{x}"),
        ("[toUpper(substring('registry', 3, 2))]", "IS"),
        ("[split('a,b;c', createArray(',', ';'))]", ["a", "b", "c"]),
        ("[join(createArray('a', 'b'), '.')]", "a.b"),
        ("[replace('it''s', 's', '')]", "it'"),
        ("[padLeft('7', 3, '0')]", "007"),
        ("[base64ToString(base64('acr'))]", "acr"),
        ("[json('{\"a\": [1, 2]}').a[1]]", 2),
        ("[if(equals(1, 1), 'yes', div(1, 0))]", "yes"),
        ("[if(and(true(), not(false())), 1, 2)]", 1),
        ("[coalesce(null(), '', 'x')]", ""),
        ("[length(union(createArray(1, 2), createArray(2, 3)))]", 3),
        (
            "[union(createObject('a', createObject('b', 1)), createObject('a', createObject('c', 2)))]",
            {"a": {"b": 1, "c": 2}},
        ),
        ("[intersection(createArray(1, 2), createArray(2, 3))]", [2]),
        ("[contains('Premium', 'rem')]", True),
        ("[contains(createObject('SKU', 1), 'sku')]", True),
        ("[range(5, 3)]", [5, 6, 7]),
        ("[div(-7, 2)]", -3),
        ("[mod(-7, 2)]", -1),
        ("[max(1, 3, 2)]", 3),
        ("[first('abc')]", "a"),
        ("[skip(createArray(1, 2, 3), 2)]", [3]),
        ("[empty('')]", True),
        ("[bool('true')]", True),
        ("[string(createObject('a', 1))]", '{"a":1}'),
        ("[items(createObject('b', 2, 'a', 1))[0].key]", "a"),
        ("[cidrSubnet('10.0.0.0/16', 24, 2)]", "10.0.2.0/24"),
        ("[cidrHost('10.0.2.0/24', 3)]", "10.0.2.4"),
        ("[map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))]", [0, 2, 4]),
        ("[filter(range(0, 5), lambda('i', greater(lambdaVariables('i'), 2)))]", [3, 4]),
        ("[reduce(range(1, 3), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]", 6),
        ("[toObject(createArray('x'), lambda('n', lambdaVariables('n')), lambda('n', 1))]", {"x": 1}),
        ("[tryGet(createObject('a', 1), 'b')]", None),
        ("[createObject('a', 1).?b]", None),
        ("[tryGet(createObject('a', 1), 'A')]", 1),
        ("[tryGet(createObject('a', createObject('b', 2)), 'a', 'b')]", 2),
        ("[tryGet(createObject('a', 1), 'b', 'c')]", None),
        ("[tryIndexFromEnd(createArray(1, 2), 3)]", None),
        ("[indexFromEnd(createArray(1, 2), 1)]", 2),
        ("[[not an expression]", "[not an expression]"),
        ("plain", "plain"),
    ],
)
def test_a_function_answers_as_documented(expression, value):
    assert LANGUAGE.value(expression) == value


@pytest.mark.parametrize(
    ("words", "made"),
    [
        # Source: https://stackoverflow.com/questions/43295720 and https://github.com/JasonWhall/go-azure-uniquestring
        ("'tyeth'", "zcztcwvu6iyg6"),
        ("'hello', 'world'", "a7wkljktk6wne"),
        ("'hello-world'", "a7wkljktk6wne"),
    ],
)
def test_a_unique_string_is_azures_own(words, made):
    assert LANGUAGE.value(f"[uniqueString({words})]") == made


def test_a_guid_is_made_of_its_words():
    assert LANGUAGE.value("[guid('a', 'b')]") == LANGUAGE.value("[guid('a-b')]") != LANGUAGE.value("[guid('c')]")


# Source: each function's page below https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions,
# and https://www.nuget.org/packages/Azure.Deployments.Expression where the page says nothing.
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (
            "[format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)]",
            "Hello, User. Formatted number: 8,175,133",
        ),
        ("[format('{0,5}|{0,-3}|{1:X4}|{2:000}|{3:F1}', 7, 255, 5, 2)]", "    7|7  |00FF|005|2.0"),
        ("[format('{0}{1}{2}', null(), createArray('a', 1), createObject('b', true()))]", "['a',1]{'b':true}"),
        ("[concat('a', null(), 'b', true())]", "abTrue"),
        ("[string(null())]", ""),
        ("[toLower(null())]", ""),
        ("[length(null())]", 0),
        ("[first(null())]", None),
        ("[split(null(), ',')]", []),
        ("[json(null())]", {}),
        ("[uriComponentToString('a+b%20c')]", "a b c"),
        ("[dataUri('Hello')]", "data:text/plain;charset=utf8;base64,SGVsbG8="),
        ("[dataUri(createObject('a', 1))]", "data:application/json;charset=utf8;base64,eyJhIjoxfQ=="),
        ("[dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')]", "Hello, World!"),
        ("[dataUriToString('data:text/plain,a%20b')]", "a b"),
        ("[dataUriToString(dataUri('Grüße'))]", "Grüße"),
        ("[uri('http://contoso.org/firstpath', 'myscript.sh')]", "http://contoso.org/myscript.sh"),
        ("[lastIndexOf(createArray('a', 'b', 'a'), 'a')]", 2),
        ("[indexOf(createArray(1, true()), true())]", 1),
        ("[contains(createArray(1), true())]", False),
        ("[equals(createArray(1, 2.0), createArray(1.0, 2))]", True),
        ("[equals(createArray(1), createArray(true()))]", False),
        ("[union(createArray(1, 2), createArray(2, 1, 3))]", [1, 2, 3]),
        ("[union(createObject('a', 1), createObject('A', 2))]", {"a": 2}),
        ("[union(createObject('n', createArray(1, 2)), createObject('n', createArray(3)))]", {"n": [3]}),
        ("[intersection(createArray(1, 1, 2), createArray(2, 1))]", [1, 2]),
        ("[less('a', 'B')]", True),
        ("[less('a', 'A')]", True),
        ("[less(1, 1.5)]", True),
        ("[bool(2)]", True),
        ("[int(' 7')]", 7),
        ("[float('3.5')]", 3.5),
        ("[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]", [1, 2, 3]),
        (
            "[groupBy(createArray('foo', 'bar', 'baz'), lambda('x', first(lambdaVariables('x'))))]",
            {"f": ["foo"], "b": ["bar", "baz"]},
        ),
        ("[mapValues(createObject('foo', 'x'), lambda('v', toUpper(lambdaVariables('v'))))]", {"foo": "X"}),
        ("[reduce(createArray(5, 6), 0, lambda('a', 'b', 'i', add(lambdaVariables('a'), lambdaVariables('i'))))]", 1),
        (
            "[parseCidr('10.144.0.0/20')]",
            {
                **{"network": "10.144.0.0", "netmask": "255.255.240.0", "broadcast": "10.144.15.255"},
                **{"firstUsable": "10.144.0.1", "lastUsable": "10.144.15.254", "cidr": 20},
            },
        ),
        (
            "[parseCidr('2001:db8:5555::/48')]",
            {
                **{"network": "2001:db8:5555::", "netmask": "ffff:ffff:ffff::", "firstUsable": "2001:db8:5555::"},
                **{"lastUsable": "2001:db8:5555:ffff:ffff:ffff:ffff:ffff", "cidr": 48},
            },
        ),
        ("[cidrHost('2001:db8:5555:3000::/52', 4)]", "2001:db8:5555:3000::5"),
        ("[dateTimeAdd('2024-01-01 00:00:00Z', 'P1Y', 's')]", "2024-12-31T00:00:00"),
        ("[dateTimeAdd('2024-02-01 00:00:00Z', 'P1M', 'yyyy-MM-dd')]", "2024-03-02"),
        ("[dateTimeAdd('20200407T145314Z', '-P9DT1H', 'M/d/yyyy h:mm:ss tt')]", "3/29/2020 1:53:14 PM"),
        ("[dateTimeToEpoch(dateTimeFromEpoch(1683040573))]", 1683040573),
        ("[dateTimeFromEpoch(1683040573)]", "2023-05-02T15:16:13Z"),
    ],
)
def test_a_function_answers_as_azures_own(expression, value):
    assert LANGUAGE.value(expression) == value
    assert type(LANGUAGE.value(expression)) is type(value)


@pytest.mark.parametrize(
    "call",
    [
        *("if('true', 1, 2)", "not('true')", "and(1, true())", "or(true())", "filter(range(0, 2), lambda('i', 1))"),
        *("concat('a', createArray('b'))", "concat(createArray('b'), 'c')", "concat('a', createObject())"),
        *("replace('abc', '', 'x')", "join(createArray(1), ',')", "contains('a1', 1)", "format('{0')"),
        *("int('1_000')", "int('1.5')", "int(1.5)", "int(true())", "bool('1')", "min('a', 'b')", "max(true(), 1)"),
        *("createObject('a', 1, 'a', 2)", "createObject(1, 2)", "union(createArray(1))", "guid()", "uniqueString()"),
        *(
            "range(2147483640, 100)",
            "tryGet(createObject('a', createObject()), 'a', 'b')",
            "indexFromEnd(createArray(), 1)",
        ),
        *(
            "cidrHost('10.0.0.0/30', 2)",
            "cidrHost('10.0.0.0/24', -2)",
            "dataUriToString('a,b')",
            "dateTimeAdd('x', 'P1D', 'd')",
        ),
    ],
)
def test_what_azures_own_function_refuses_is_refused(call):
    assert refusal_of(f"[{call}]") == "InvalidTemplate"


@pytest.mark.parametrize(
    "call",
    [
        *("pickZones('Microsoft.Network', 'publicIPAddresses', 'westus2')", "deployer()", "fail('no')"),
        *("dateTimeAdd('2024-01-01 00:00:00Z', 'P1Y')", "dateTimeAdd('2024-01-01 00:00:00Z', 'P1Y', 'zzz')"),
        *("format('{0:C}', 1)", "format('{0:#,##0}', 1)"),
    ],
)
def test_what_azures_language_has_beside_is_not_emulated(call):
    assert refusal_of(f"[{call}]") == "NotEmulated"


def test_keys_and_items_are_evaluated_too():
    assert LANGUAGE.value({"[concat('a', 'b')]": ["[add(1, 1)]", {"c": True}]}) == {"ab": [2, {"c": True}]}


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("[nonsense('a')]", "The template function 'nonsense' is not valid"),
        ("[concat('a',)]", "Unable to parse language expression 'concat('a',)': unexpected ')'"),
        ("[createObject('a', 1).b]", "property 'b' doesn't exist, available properties are 'a'"),
        (f"[add(1, {'9' * 5000})]", "Unable to parse language expression 'add(1, 9999"),
        (
            "[padLeft('a', 999999999999)]",
            "The template language function 'padLeft' was invoked with invalid parameters",
        ),
        ("[substring('a', 5, 1)]", "The template language function 'substring' was invoked with invalid parameters"),
        ("[div(1, 0)]", "invalid parameters (int, int)"),
        ("[range(0, 99999999)]", "the count must be from 0 to 10000"),
        ("[lambdaVariables('x')]", "The lambda variable 'x' is not defined here"),
        (f"[{'not(' * 300}true(){')' * 300}]", "nested too deeply"),
        (f"[concat('{'a' * LONGEST}')]", "longer than the limit of 24576 characters"),
    ],
)
def test_what_makes_no_sense_is_an_invalid_template(expression, problem):
    with pytest.raises(ArmError, match="InvalidTemplate") as refusal:
        LANGUAGE.value(expression)

    assert problem in refusal.value.message


def test_every_call_in_a_template_is_found():
    found = calls({"a": ["[concat(reference('x').b, 'y')]"], "b": "reference('no')"})

    assert [call.name for call in found] == ["concat", "reference"]


V = "parameters('v')"
WORST_S = 4  # of the processor, on a slow computer; a second was allowed


@pytest.mark.parametrize(
    ("expression", "seen"),
    [
        (f"[concat({V}, {V}, {V})]", "exceeds the limit of 4194304"),
        (f"[createArray({', '.join([V] * 100)})]", "more characters"),
        (f"[replace({V}, 'a', {V})]", "limit of 4194304"),
        (f"[join(split({V}, 'b'), {V})]", "limit of 4194304"),
        (f"[format('{'{0}' * 3000}', {V})]", "limit of 4194304"),
        (f"[concat({', '.join([f'length({V})'] * 60)})]", "more characters"),
        ("[padLeft('', 1000000000)]", "padLeft"),
        ("[mul('a', 1000000000)]", "mul"),
        (
            f"[json('{'[' * 9000 + ']' * 9000}')]",
            "json|nested deeper",
        ),  # 3.13 reads that deep
        ("[reduce(range(0, 999), 'a', lambda('a', 'b', createArray(lambdaVariables('a'))))]", "nested deeper"),
        ("[reduce(range(0, 99), 3, lambda('a', 'b', mul(lambdaVariables('a'), lambdaVariables('a'))))]", "64 bits"),
        (f"[json('{'9' * 300}')]", "64 bits"),
        (f"[split({V}, map(range(0, 21), lambda('i', string(lambdaVariables('i')))))]", "delimiters"),
        ("[map(range(0, 900), lambda('i', intersection(range(0, 9000), range(5000, 9000))))]", "more"),
        ("[map(range(0, 900), lambda('i', union(range(0, 9000), range(5000, 9000))))]", "more"),
        (
            "[map(range(0, 9000), lambda('i', map(range(0, 9000), lambda('j', add(lambdaVariables('i'), 1)))))]",
            "evalua",
        ),
    ],
)
def test_what_grows_beyond_bounds_is_refused_before_it_is_made(expression, seen):
    text = "ab" * 1_000_000

    before = thread_time()
    with pytest.raises(ArmError) as refused:
        Language({**FUNCTIONS, "parameters": lambda name: text}, FORMS).value(expression)

    assert thread_time() - before < WORST_S
    assert (refused.value.status, refused.value.code) == (400, "InvalidTemplate")
    assert re.search(seen, refused.value.message)


ARGUMENTS = [
    "'a'", "''", "-1", "0", "99999999999999999", "1.5", "null()", "true()", "range(0, 9)", "createObject('a', 1)",
    "createArray(1, 'b', null())", "json('[1, {}]')", "lambda('x', lambdaVariables('x'))", "lambda('x', 'y', 1)",
    "lambda()", "json('1e400')", "json('NaN')", "'10.0.0.0/8'", "'{0}{1:D3}'", "'%ff'", "base64('a')",
]  # fmt: skip
CALLS = st.recursive(
    st.sampled_from(ARGUMENTS),
    lambda inner: st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from(sorted({**FUNCTIONS, **FORMS})),
        st.lists(inner, max_size=4),
    ),
    max_leaves=8,
)


def refusal_of(expression):
    """The code of an expression's refusal; empty: it has a value that an answer can hold."""
    try:
        json.dumps(Language(FUNCTIONS, FORMS).value(expression), allow_nan=False)
    except ArmError as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("call", ["trim('xax', 'x')", "uri('a', 'b', true())", "uriComponentToString('%ff', 'latin1')"])
def test_an_argument_that_only_pythons_function_knows_is_one_too_many(call):
    assert refusal_of(f"[{call}]") == "InvalidTemplate"


@pytest.mark.parametrize(
    "call",
    [
        *("cidrHost(true(), 'a')", "cidrHost(true(), 0)", "cidrHost(5, 0)", "cidrHost('10.0.0.0/24', true())"),
        *("cidrSubnet('10.0.0.0/16', 24, false())", "cidrSubnet(167772160, 32, 0)", "range(true(), 2)"),
        *(
            "substring('abc', false(), 1)",
            "skip('abc', true())",
            "take(createArray(1), true())",
            "padLeft('a', true())",
        ),
        *(
            "less(false(), 1)",
            "greater(createArray(2), createArray(1))",
            "lessOrEquals('a', 1)",
            "greaterOrEquals(null(), 1)",
        ),
    ],
)
def test_python_s_own_notion_of_a_text_or_a_number_does_not_count(call):
    assert refusal_of(f"[{call}]") == "InvalidTemplate"


@often(300)
@given(CALLS)
@example("cidrHost(true(), 'a')")
@example("lambdaVariables(createObject('a', 1))")
@example("tryGet(createObject('a', 1), json('[1]'))")
@example("and('a')")
@example("if('x')")
@example("map()")
@example("reduce(1, 2, 3)")
@example("json('1e400')")
@example("uriComponentToString('%ff', 'a')")
def test_any_expression_has_a_value_or_is_an_invalid_template(call):
    assert refusal_of(f"[{call}]") in ("", "InvalidTemplate")


@pytest.mark.parametrize("seconds", [10**17, -(10**17), 253402300800])
def test_a_time_that_no_calendar_has_is_refused(seconds):
    with pytest.raises(ArmError, match="dateTimeFromEpoch"):
        LANGUAGE.value(f"[dateTimeFromEpoch({seconds})]")


def test_the_character_set_of_a_data_uri_that_is_not_read_is_told():
    with pytest.raises(ArmError, match="charset=latin1") as caught:
        LANGUAGE.value("[dataUriToString('data:text/plain;charset=latin1;base64,QQ==')]")

    assert caught.value.status == 501


def test_many_names_are_joined_in_one_look_each():
    one, other = ({f"{kind}{n}": n for n in range(20_000)} for kind in "ab")

    begun = thread_time()
    assert len(FUNCTIONS["union"](one, other)) == 40_000
    assert FUNCTIONS["union"]({"Name": 1}, {"nAME": 2}) == {"Name": 2}
    assert thread_time() - begun < 2
