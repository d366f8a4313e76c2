#!/usr/bin/env python3
"""Makes ec2_catalog.h and .cc from models/aws/ec2_zones.json and ec2_instance_types.jsonl at build time.

    embed_ec2_catalog.py MODELS_FOLDER OUTPUT_FOLDER

What a type can do is compressed by zstd in chunks of 32 types; names and zones stand in plain tables.
"""

import json
import sys
from pathlib import Path

from embed_managed_policies import blob, compress

TYPES_PER_CHUNK = 32

HEADER = """#pragma once
// Made by tools/embed_ec2_catalog.py from models/aws/ec2_zones.json and ec2_instance_types.jsonl; not to be edited.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace sekisho::ec2_catalog {

struct Zone {
    std::string_view region;
    std::string_view name;
    std::string_view id;
};

struct InstanceType {
    std::string_view name;
    std::array<std::uint64_t, 2> zones;  // bit n: offered in zones()[n]
    std::uint32_t chunk;
    std::uint32_t offset;  // of its InstanceTypeInfo, JSON, in the chunk's plain bytes
    std::uint32_t length;
};

struct Chunk {
    std::string_view compressed;  // one zstd frame
    std::uint32_t plain_size;
};

std::span<const Zone> zones();                   // by region and name
std::span<const InstanceType> instance_types();  // by name
std::span<const Chunk> chunks();

}  // namespace sekisho::ec2_catalog
"""

SOURCE = """// Made by tools/embed_ec2_catalog.py from models/aws/ec2_zones.json and ec2_instance_types.jsonl; not to be edited.
#include "models/ec2_catalog.h"

namespace sekisho::ec2_catalog {
namespace {

@BLOBS@

constexpr Chunk chunk_table[] = {
@CHUNKS@
};

constexpr Zone zone_table[] = {
@ZONES@
};
static_assert(std::size(zone_table) <= 128);

constexpr InstanceType type_table[] = {
@TYPES@
};

}  // namespace

std::span<const Zone> zones() {
    return zone_table;
}
std::span<const InstanceType> instance_types() {
    return type_table;
}
std::span<const Chunk> chunks() {
    return chunk_table;
}

}  // namespace sekisho::ec2_catalog
"""


def main() -> None:
    models, folder = Path(sys.argv[1]), Path(sys.argv[2])
    zones = json.loads((models / "ec2_zones.json").read_text())
    types = [json.loads(line) for line in (models / "ec2_instance_types.jsonl").read_text().splitlines()]
    types.sort(key=lambda item: item["info"]["instanceType"])
    rows, plains = [], []
    for first in range(0, len(types), TYPES_PER_CHUNK):
        plain = bytearray()
        for item in types[first:first + TYPES_PER_CHUNK]:
            info = json.dumps(item["info"], separators=(",", ":")).encode()
            offered = int(item["offered"], 16)
            words = f"{offered % 2**64:#x}, {offered >> 64:#x}"
            rows.append(f'    {{"{item["info"]["instanceType"]}", {{{words}}}, {len(plains)}, {len(plain)}, {len(info)}}},')
            plain += info
        plains.append(bytes(plain))
    frames = [compress(plain) for plain in plains]
    chunks = [f"    {{std::string_view(chunk_{number}, {len(frame)}), {len(plain)}}},"
              for number, (frame, plain) in enumerate(zip(frames, plains))]
    code = SOURCE.replace("@BLOBS@", "\n\n".join(blob(number, frame) for number, frame in enumerate(frames)))
    code = code.replace("@CHUNKS@", "\n".join(chunks)).replace("@TYPES@", "\n".join(rows))
    code = code.replace("@ZONES@", "\n".join(f'    {{"{z["region"]}", "{z["name"]}", "{z["id"]}"}},' for z in zones))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ec2_catalog.h").write_text(HEADER, encoding="ascii")
    (folder / "ec2_catalog.cc").write_text(code, encoding="ascii")


if __name__ == "__main__":
    main()
