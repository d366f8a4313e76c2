#!/usr/bin/env python3
"""Packs EC2's regions, zones and instance types into models/aws/ec2_zones.json and ec2_instance_types.jsonl.

Run by hand when the data should be renewed (moto is in no requirements file of ours):

    python3 -m venv /tmp/moto && /tmp/moto/bin/python -m pip install moto
    /tmp/moto/bin/python tools/pack_ec2_catalog.py

Types have the form of EC2's own answers, by the names of models/aws/ec2.json. `offered` says in which zones a type is
there: bit n, from the lowest, is the n-th zone of ec2_zones.json.
"""

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "models" / "aws"


def read(path: Path) -> Any:
    return json.loads(gzip.open(path).read())


def offerings(folder: Path, location: str, region: str) -> dict[str, set[str]]:
    """The types of each zone of a region."""
    found: dict[str, set[str]] = {}
    for item in read(folder / location / f"{region}.json.gz"):
        found.setdefault(item["Location"], set()).add(item["InstanceType"])
    return found


def zones_of(folder: Path, region: str) -> list[dict[str, Any]]:
    """Names and ids belong together where the same types are there; equal zones in the order of their names."""
    ids = offerings(folder, "availability-zone-id", region)
    zones = []
    for name, types in sorted(offerings(folder, "availability-zone", region).items()):
        zone_id = min(zone_id for zone_id, others in ids.items() if others == types)
        del ids[zone_id]
        zones.append({"region": region, "name": name, "id": zone_id, "types": types})
    return zones


def wire_form(shapes: dict[str, Any], shape: str, value: Any) -> Any:
    """A value with the names that EC2 gives its members in answers."""
    facts = shapes[shape]
    if facts["type"] == "list":
        return [wire_form(shapes, facts["member"]["shape"], item) for item in value]
    if facts["type"] != "structure":
        return value
    members = {name: facts["members"][name] for name in value if name in facts["members"]}
    return {member.get("locationName", name): wire_form(shapes, member["shape"], value[name])
            for name, member in members.items()}


def main() -> None:
    resources = Path(importlib.util.find_spec("moto").submodule_search_locations[0]) / "ec2" / "resources"
    folder = resources / "instance_type_offerings"
    regions = sorted(path.name.split(".")[0] for path in (folder / "availability-zone").iterdir())
    zones = [zone for region in regions for zone in zones_of(folder, region)]
    shapes = json.loads((TARGET / "ec2.json").read_text())["shapes"]
    lines = []
    for name, facts in sorted(read(resources / "instance_types.json.gz").items()):
        offered = sum(1 << bit for bit, zone in enumerate(zones) if name in zone["types"])
        info = wire_form(shapes, "InstanceTypeInfo", facts)
        lines.append(json.dumps({"offered": f"{offered:x}", "info": info}, separators=(",", ":")))
    (TARGET / "ec2_instance_types.jsonl").write_text("\n".join(lines) + "\n")
    rows = [json.dumps({key: zone[key] for key in ("region", "name", "id")}) for zone in zones]
    (TARGET / "ec2_zones.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    main()
