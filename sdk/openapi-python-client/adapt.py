"""Writes a contract as openapi-python-client understands it: adapt.py FROM.yaml TO.yaml

It takes a nullable reference with a `type` beside it for the bare reference, and then fails on null (docs/sdk.md).
Without the `type` it reads what is meant. Of bodies in several types JSON alone is left: some types it cannot
send, and for a list in several types it writes code that Python refuses.
ruamel.yaml comes with the generator.
"""

import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def adapt(value: Any) -> None:
    if isinstance(value, dict):
        if "requestBody" in value:
            content = value["requestBody"]["content"]
            for media_type in [name for name in content if name != "application/json"]:
                del content[media_type]
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
