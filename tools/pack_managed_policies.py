#!/usr/bin/env python3
"""Packs the AWS managed policies from moto's data into models/aws/managed_policies.jsonl.

Run by hand when the data should be renewed (moto is in no requirements file of ours):

    python3 -m venv /tmp/moto && /tmp/moto/bin/python -m pip install moto
    /tmp/moto/bin/python tools/pack_managed_policies.py

One policy a line, sorted by name, the latest version only, so that a renewal reads as a diff. The source has no
policy ids: ours are derived from the ARN and therefore the same in every installation.
"""

import argparse
import base64
import hashlib
import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "models" / "aws" / "managed_policies.jsonl"
DOCUMENT_ORDER = ("Version", "Id", "Statement")
STATEMENT_ORDER = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
                   "Condition")


def in_order(value: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    """The members in the order AWS writes them (the source sorts them by letter); unknown members are a mistake."""
    unknown = set(value) - set(order)
    if unknown:
        raise SystemExit(f"unknown policy member: {sorted(unknown)}")
    return {name: value[name] for name in order if name in value}


def document_of(source: dict[str, Any]) -> dict[str, Any]:
    document = in_order(source, DOCUMENT_ORDER)
    statements = document["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    document["Statement"] = [in_order(statement, STATEMENT_ORDER) for statement in statements]
    return document


def policy_id(arn: str) -> str:
    """ANPAI and 16 base32 digits: the form of ids that carry no account (IAM reference, unique identifiers)."""
    return "ANPAI" + base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode()[:16]


def pack(source: dict[str, Any]) -> list[str]:
    lines = []
    for name in sorted(source):
        policy = source[name]
        arn = f"arn:aws:iam::aws:policy{policy['Path']}{name}"
        record = {
            "name": name,
            "path": policy["Path"],
            "id": policy_id(arn),
            "arn": arn,
            "version": policy["DefaultVersionId"],
            "created": policy["CreateDate"].replace("+00:00", "Z"),
            "updated": policy["UpdateDate"].replace("+00:00", "Z"),
            "document": document_of(policy["Document"]),
        }
        lines.append(json.dumps(record, separators=(",", ":"), ensure_ascii=True))
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--target", type=Path, default=TARGET)
    target = arguments.parse_args().target
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    lines = pack(json.loads(aws_managed_policies_data))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{len(lines)} policies, {target.stat().st_size} bytes in {target}")


if __name__ == "__main__":
    main()
