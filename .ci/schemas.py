#!/usr/bin/env python3
"""Holds the documents' samples, whole and damaged, against `schemas/` in validators that others maintain.

    .ci/schemas.py

Ajv (JavaScript, strict mode) and jsonschema (Python) must take every carrier of a documented sample, also one inside
another, a value that no list of known values names, and null; they must refuse what has the wrong type or is no date-time.
Every schema must be tried in both ways. Needs node and npm, and installs both
validators, pinned, into a temporary folder.
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas"

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

# Carriers that no sample of the documents shows.
UNSAMPLED = ["ErrorResponse"]

# Pinned, so that a new check of theirs is a change of ours and not a surprise.
PYTHON = ["jsonschema==4.26.0", "rfc3339-validator==0.1.4", "PyYAML==6.0.3"]
NODE = ["ajv@8.20.0", "ajv-formats@3.0.1"]

# Prints the numbers of the cases that the validator judges otherwise than expected.
AJV = """
const Ajv = require("ajv/dist/2020").default, formats = require("ajv-formats").default, fs = require("fs");
const [schemas, cases] = process.argv.slice(2).map(file => JSON.parse(fs.readFileSync(file, "utf8")));
const validators = {};
for (const [name, schema] of Object.entries(schemas)) {
  const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
  formats(ajv);
  validators[name] = ajv.compile(schema);
}
const wrong = cases.map((one, index) => validators[one.schema](one.value) === one.valid ? -1 : index);
console.log(JSON.stringify(wrong.filter(index => index >= 0)));
"""

JSONSCHEMA = """
import json, sys
from jsonschema import Draft202012Validator
schemas, cases = (json.load(open(file, encoding="utf-8")) for file in sys.argv[1:])
validators = {}
for name, schema in schemas.items():
    Draft202012Validator.check_schema(schema)
    validators[name] = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
print(json.dumps([index for index, one in enumerate(cases)
                  if validators[one["schema"]].is_valid(one["value"]) != one["valid"]]))
"""

# Reads the contract without taking texts for dates.
READ = """
import json, sys, yaml
class Loader(yaml.SafeLoader): pass
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
json.dump(yaml.load(open(sys.argv[1], encoding="utf-8"), Loader), sys.stdout)
"""


def samples(contract):
    """The documented samples of all bodies, and what they hold: name of the carrier, value."""
    for path in contract["paths"].values():
        for operation in (value for key, value in path.items() if key in METHODS):
            for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
                body = resolved(contract, body)
                for content in body.get("content", {}).values():
                    examples = [example.get("value") for example in content.get("examples", {}).values()]
                    for value in [content.get("example"), *examples]:
                        # Samples of XML and others are texts.
                        if not isinstance(value, str):
                            yield from carriers(contract, content.get("schema", {}), value)


def resolved(contract, value):
    """What a reference leads to; the value itself, where it is none."""
    while "$ref" in value:
        name = value["$ref"]
        value = contract
        for step in name.split("/")[1:]:
            value = value[step.replace("~1", "/").replace("~0", "~")]
    return value


def carriers(contract, schema, value):
    """Each carrier in a value, with its own value there."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = resolved(contract, schema)
    if name and isinstance(value, dict):
        yield name, value
    for part in schema.get("allOf", []):
        yield from carriers(contract, part, value)
    if isinstance(value, list):
        for item in value:
            yield from carriers(contract, schema.get("items", {}), item)
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        for key, member in value.items():
            yield from carriers(contract, properties.get(key, others), member)


def cases(contract, schemas):
    """What is to be judged, and how: each once, however many samples say the same."""
    seen = set()
    for case in all_cases(contract, schemas):
        key = json.dumps([case["schema"], case["value"]], sort_keys=True)
        if key not in seen:
            seen.add(key)
            yield case


def all_cases(contract, schemas):
    for name, value in samples(contract):
        if name not in schemas:
            sys.exit(f"schemas/ has no {name}")
        yield {"what": "a documented sample", "schema": name, "value": value, "valid": True}
        yield {"what": "a text for the whole", "schema": name, "value": "seven", "valid": False}
        for key, property in schemas[name].get("properties", {}).items():
            kinds = property.get("type", [])
            kinds = [kinds] if isinstance(kinds, str) else kinds
            if key not in value:
                continue
            if {"integer", "number", "boolean", "array", "object"} & set(kinds) and "string" not in kinds:
                yield changed("a text", name, value, key, "seven", False)
            if "string" in kinds and "integer" not in kinds and "number" not in kinds:
                yield changed("a number", name, value, key, 7, False)
            if property.get("format") == "date-time":
                yield changed("no date-time", name, value, key, "yesterday", False)
                yield changed("seven digits of a second", name, value, key, "2024-05-03T10:11:12.1234567+02:00", True)
            if property.get("examples") and "string" in kinds:
                yield changed("a value that is not known", name, value, key, "SomethingNew", True)
            if "null" in kinds:
                yield changed("null", name, value, key, None, True)


def unproven(schemas, judged):
    """Complaints about schemas that no value has to pass, or that refuse none."""
    for name in schemas:
        verdicts = {case["valid"] for case in judged if case["schema"] == name}
        if name in UNSAMPLED and verdicts:
            yield f"{name} is in a sample: take it out of UNSAMPLED"
        elif name not in UNSAMPLED and len(verdicts) < 2:
            yield f"{name} is in no sample: nothing shows that its schema is right (if that is so, name it in UNSAMPLED)"
    yield from (f"{name} of UNSAMPLED is no schema" for name in UNSAMPLED if name not in schemas)


def changed(what, name, value, key, other, valid):
    value = copy.deepcopy(value)
    value[key] = other
    return {"what": f"{what} in {key}", "schema": name, "value": value, "valid": valid}


def main():
    schemas = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(SCHEMAS.glob("*.json"))}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PYTHON], check=True)
        npm = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
        subprocess.run([*npm, *NODE], check=True, stdout=subprocess.DEVNULL)
        contract = json.loads(subprocess.check_output([python, "-c", READ, str(ROOT / "openapi.yaml")]))
        judged = list(cases(contract, schemas))
        kinds = {"valid": sum(case["valid"] for case in judged), "invalid": sum(not case["valid"] for case in judged)}
        if complaints := list(unproven(schemas, judged)):
            sys.exit("\n".join(complaints))
        files = [folder / "schemas.json", folder / "cases.json"]
        for file, value in zip(files, [schemas, judged]):
            file.write_text(json.dumps(value), encoding="utf-8")
        (folder / "ajv.js").write_text(AJV, encoding="utf-8")
        failed = False
        for name, command in [("ajv", ["node", str(folder / "ajv.js")]), ("jsonschema", [python, "-c", JSONSCHEMA])]:
            wrong = json.loads(subprocess.check_output([*command, *map(str, files)]))
            print(f"{name}: {len(schemas)} schemas, {kinds['valid']} values to take, {kinds['invalid']} to refuse: "
                  f"{len(wrong)} judged otherwise")
            for case in (judged[index] for index in wrong[:10]):
                print(f"  {case['schema']}: {case['what']}: expected {'valid' if case['valid'] else 'invalid'}")
            failed = failed or bool(wrong)
        sys.exit(failed)


if __name__ == "__main__":
    main()
