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
from acrlab.emulator.deployments import addresses, dates, figures, gathered, texts, words_made
from acrlab.emulator.deployments.arguments import of_alike, of_numbers, of_texts, of_two, same, truth
from acrlab.emulator.deployments.placeholders import text_format

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": texts.concat, "format": text_format, "string": texts.string,
    # In lambdas where Python's own function would take further arguments, which a template may not give.
    "tolower": of_texts(lambda text: text.lower()), "toupper": of_texts(lambda text: text.upper()),
    "trim": of_texts(lambda text: text.strip()),
    "replace": texts.replace, "split": texts.split, "substring": texts.substring, "join": texts.join,
    "startswith": of_texts(lambda text, part: text.lower().startswith(part.lower())),
    "endswith": of_texts(lambda text, part: text.lower().endswith(part.lower())),
    "indexof": gathered.index_of, "lastindexof": gathered.last_index_of, "padleft": texts.pad_left,
    "uniquestring": of_texts(words_made.unique_string), "guid": of_texts(words_made.guid),
    "base64": of_texts(lambda text: base64.b64encode(text.encode()).decode()),
    "base64tostring": of_texts(texts.text_from),
    "base64tojson": of_texts(lambda text: json_depth.loads(texts.text_from(text))),
    "uri": of_texts(lambda base, relative: urljoin(base, relative)),
    "uricomponent": of_texts(lambda text: quote(text, safe="")),
    "uricomponenttostring": of_texts(lambda text: unquote_plus(text)),
    "datauri": texts.data_uri, "datauritostring": texts.data_uri_to_string,
    "json": lambda text: {} if text is None else json_depth.loads(text),
    "int": figures.to_int, "float": figures.to_float, "bool": figures.to_bool, "array": gathered.array,
    "createarray": lambda *values: list(values), "createobject": gathered.create_object,
    "length": gathered.length, "empty": gathered.empty, "first": gathered.first, "last": gathered.last,
    "skip": gathered.skip, "take": gathered.take, "indexfromend": gathered.index_from_end,
    "contains": gathered.contains, "union": gathered.union, "intersection": gathered.intersection,
    "range": gathered.numbers, "items": gathered.items, "objectkeys": gathered.object_keys,
    "flatten": gathered.flattened,
    "shallowmerge": lambda parts: {name: value for part in parts for name, value in part.items()},
    "min": of_numbers(min), "max": of_numbers(max), "add": of_two(operator.add), "sub": of_two(operator.sub),
    "mul": of_two(operator.mul), "div": of_two(figures.division), "mod": of_two(figures.rest),
    "equals": same, "not": lambda value: not truth(value),
    "less": of_alike(operator.lt), "lessorequals": of_alike(operator.le),
    "greater": of_alike(operator.gt), "greaterorequals": of_alike(operator.ge),
    "true": lambda: True, "false": lambda: False, "null": lambda: None,
    "cidrsubnet": addresses.subnet_of, "cidrhost": addresses.host_of, "parsecidr": addresses.parsed,
    "datetimeadd": dates.date_time_add, "datetimetoepoch": dates.date_time_to_epoch,
    "datetimefromepoch": dates.date_time_from_epoch,
}  # fmt: skip
# What Azure's language knows and this one does not work out.
UNMODELLED = frozenset((
    "builduri", "deployer", "externalinput", "fail", "managementgroup", "managementgroupresourceid", "parseuri",
    "pickzones", "providers", "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones",
))  # fmt: skip
