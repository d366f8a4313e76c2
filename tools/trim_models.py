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
METADATA = ["apiVersion", "auth", "endpointPrefix", "globalEndpoint", "jsonVersion", "protocol", "serviceFullName",
            "serviceId", "signatureVersion", "signingName", "targetPrefix", "uid", "xmlNamespace"]
SHAPE = ["type", "required", "members", "member", "key", "value", "min", "max", "pattern", "enum", "sensitive",
         "exception", "error", "fault", "document", "union", "flattened", "payload", "timestampFormat", "locationName"]
MEMBER = ["shape", "location", "locationName", "idempotencyToken", "flattened"]
OPERATION = ["name", "http", "authtype", "auth", "idempotent", "readonly"]
PAGINATION = ["input_token", "output_token", "limit_key", "result_key", "more_results"]


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
        kept["input"] = pick(operation["input"], ["shape", "locationName", "xmlNamespace"])
    if "output" in operation:
        kept["output"] = pick(operation["output"], ["shape", "resultWrapper"])
    if operation.get("errors"):
        kept["errors"] = [{"shape": error["shape"]} for error in operation["errors"]]
    return kept


def print_lines(section: dict[str, Any]) -> str:
    if not section:
        return "{}"
    lines = [f"    {json.dumps(name)}: {json.dumps(section[name], separators=(',', ':'))}" for name in sorted(section)]
    return "{\n" + ",\n".join(lines) + "\n  }"


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    for service in SERVICES:
        newest = sorted((data / service).iterdir())[-1]
        model = json.loads(gzip.open(newest / "service-2.json.gz").read())
        pagination: dict[str, Any] = {}
        if (newest / "paginators-1.json").exists():
            pagination = json.loads((newest / "paginators-1.json").read_text())["pagination"]
        text = (
            "{\n"
            '  "version": "2.0",\n'
            f'  "metadata": {print_lines(pick(model["metadata"], METADATA))},\n'
            f'  "operations": {print_lines({n: trim_operation(o) for n, o in model["operations"].items()})},\n'
            f'  "pagination": {print_lines({n: pick(p, PAGINATION) for n, p in pagination.items()})},\n'
            f'  "shapes": {print_lines({n: trim_shape(s) for n, s in model["shapes"].items()})}\n'
            "}\n"
        )
        json.loads(text)
        (output / f"{service}.json").write_text(text)


if __name__ == "__main__":
    main()
