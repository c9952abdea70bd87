"""Writes a contract as openapi-python-client understands it: adapt.py FROM.yaml TO.yaml

It takes a nullable reference with a `type` beside it for the bare reference, and then fails on null (docs/sdk.md).
Without the `type` it reads what is meant. Bodies of types that it cannot send are left out: there is JSON for each.
ruamel.yaml comes with the generator.
"""

import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


UNSUPPORTED_BODIES = ["text/json", "application/xml", "text/xml"]


def adapt(value: Any) -> None:
    if isinstance(value, dict):
        if "requestBody" in value:
            for media_type in UNSUPPORTED_BODIES:
                value["requestBody"]["content"].pop(media_type, None)
        if value.get("nullable") is True and "allOf" in value:
            value.pop("type", None)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            adapt(item)


yaml = YAML()
yaml.preserve_quotes = True
document = yaml.load(Path(sys.argv[1]))
adapt(document)
yaml.dump(document, Path(sys.argv[2]))
