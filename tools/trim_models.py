#!/usr/bin/env python3
"""Makes models/aws/<service>.json from botocore's API models: facts only, one shape or operation a line.

    trim_models.py BOTOCORE_DATA_FOLDER OUTPUT_FOLDER

Kept: names, types, members, locations, limits, patterns, enumerations, errors with their statuses, HTTP bindings.
Left out: every documentation text. See models/README.md for source and licence.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

SERVICES = ["organizations", "sso-admin", "identitystore", "sso", "sso-oidc", "iam", "sts", "eks"]
METADATA = ["apiVersion", "endpointPrefix", "jsonVersion", "protocol", "serviceId", "signingName", "targetPrefix",
            "xmlNamespace"]
SHAPE = ["type", "required", "members", "member", "key", "value", "min", "max", "pattern", "enum", "sensitive",
         "exception", "error", "fault", "document", "union", "flattened", "payload", "timestampFormat", "locationName"]
MEMBER = ["shape", "location", "locationName", "idempotencyToken", "flattened"]
OPERATION = ["http", "authtype", "auth"]


def pick(source: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def trim_shape(shape: dict[str, Any]) -> dict[str, Any]:
    kept = pick(shape, SHAPE)
    if "members" in kept:
        kept["members"] = {name: pick(member, MEMBER) for name, member in kept["members"].items()}
    for name in ("member", "key", "value"):
        if name in kept:
            kept[name] = pick(kept[name], MEMBER)
    return kept


def trim_operation(operation: dict[str, Any]) -> dict[str, Any]:
    kept = pick(operation, OPERATION)
    if "input" in operation:
        kept["input"] = operation["input"]["shape"]
    if "output" in operation:
        kept["output"] = operation["output"]["shape"]
        if "resultWrapper" in operation["output"]:
            kept["resultWrapper"] = operation["output"]["resultWrapper"]
    if operation.get("errors"):
        kept["errors"] = [error["shape"] for error in operation["errors"]]
    return kept


def print_lines(section: dict[str, Any]) -> str:
    lines = [f"    {json.dumps(name)}: {json.dumps(section[name], separators=(',', ':'))}" for name in sorted(section)]
    return "{\n" + ",\n".join(lines) + "\n  }"


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    for service in SERVICES:
        newest = sorted((data / service).iterdir())[-1]
        model = json.loads(gzip.open(newest / "service-2.json.gz").read())
        text = (
            "{\n"
            f'  "metadata": {print_lines(pick(model["metadata"], METADATA))},\n'
            f'  "operations": {print_lines({n: trim_operation(o) for n, o in model["operations"].items()})},\n'
            f'  "shapes": {print_lines({n: trim_shape(s) for n, s in model["shapes"].items()})}\n'
            "}\n"
        )
        json.loads(text)
        (output / f"{service}.json").write_text(text)


if __name__ == "__main__":
    main()
