"""The template language's functions that need nothing but their arguments, by their names in small letters.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urljoin

from acrlab.emulator.core import json_depth
from acrlab.emulator.deployments.functions import arrays, cidr, dates, identifiers, numbers, strings
from acrlab.emulator.deployments.functions.arguments import of_alike, of_numbers, of_texts, of_two, same, truth
from acrlab.emulator.deployments.functions.formats import text_format

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": strings.concat, "format": text_format, "string": strings.string,
    # In lambdas where Python's own function would take further arguments, which a template may not give.
    "tolower": of_texts(lambda text: text.lower()), "toupper": of_texts(lambda text: text.upper()),
    "trim": of_texts(lambda text: text.strip()),
    "replace": strings.replace, "split": strings.split, "substring": strings.substring, "join": strings.join,
    "startswith": of_texts(lambda text, part: text.lower().startswith(part.lower())),
    "endswith": of_texts(lambda text, part: text.lower().endswith(part.lower())),
    "indexof": arrays.index_of, "lastindexof": arrays.last_index_of, "padleft": strings.pad_left,
    "uniquestring": of_texts(identifiers.unique_string), "guid": of_texts(identifiers.guid),
    "base64": of_texts(lambda text: base64.b64encode(text.encode()).decode()),
    "base64tostring": of_texts(strings.text_from),
    "base64tojson": of_texts(lambda text: json_depth.loads(strings.text_from(text))),
    "uri": of_texts(lambda base, relative: urljoin(base, relative)),
    "uricomponent": of_texts(lambda text: quote(text, safe="")),
    "uricomponenttostring": of_texts(lambda text: unquote_plus(text)),
    "datauri": strings.data_uri, "datauritostring": strings.data_uri_to_string,
    "json": lambda text: {} if text is None else json_depth.loads(text),
    "int": numbers.to_int, "float": numbers.to_float, "bool": numbers.to_bool, "array": arrays.array,
    "createarray": lambda *values: list(values), "createobject": arrays.create_object,
    "length": arrays.length, "empty": arrays.empty, "first": arrays.first, "last": arrays.last,
    "skip": arrays.skip, "take": arrays.take, "indexfromend": arrays.index_from_end,
    "contains": arrays.contains, "union": arrays.union, "intersection": arrays.intersection,
    "range": arrays.numbers, "items": arrays.items, "objectkeys": arrays.object_keys,
    "flatten": arrays.flattened,
    "shallowmerge": lambda parts: {name: value for part in parts for name, value in part.items()},
    "min": of_numbers(min), "max": of_numbers(max), "add": of_two(operator.add), "sub": of_two(operator.sub),
    "mul": of_two(operator.mul), "div": of_two(numbers.division), "mod": of_two(numbers.rest),
    "equals": same, "not": lambda value: not truth(value),
    "less": of_alike(operator.lt), "lessorequals": of_alike(operator.le),
    "greater": of_alike(operator.gt), "greaterorequals": of_alike(operator.ge),
    "true": lambda: True, "false": lambda: False, "null": lambda: None,
    "cidrsubnet": cidr.subnet_of, "cidrhost": cidr.host_of, "parsecidr": cidr.parsed,
    "datetimeadd": dates.date_time_add, "datetimetoepoch": dates.date_time_to_epoch,
    "datetimefromepoch": dates.date_time_from_epoch,
}  # fmt: skip
# What Azure's language knows and this one does not work out.
UNMODELLED = frozenset((
    "builduri", "deployer", "externalinput", "fail", "managementgroup", "managementgroupresourceid", "parseuri",
    "pickzones", "providers", "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones",
))  # fmt: skip
