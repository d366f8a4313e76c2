#!/usr/bin/env python3
"""Makes managed_policies.h and .cc from models/aws/managed_policies.jsonl at build time.

    embed_managed_policies.py SOURCE.jsonl OUTPUT_FOLDER

The documents are compressed by zstd in chunks of 32 policies, so that one is read by decompressing about 70 KB. Uses the
standard library and the `zstd` command line tool.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

POLICIES_PER_CHUNK = 32

HEADER = """#pragma once
// Made by tools/embed_managed_policies.py from models/aws/managed_policies.jsonl; not to be edited.
// The AWS managed policies as read-only data: an index sorted by name, and their documents in zstd frames. Reading one:
// decompress chunks()[entry.chunk] (its plain size is named), take entry.length bytes from entry.offset.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sekisho::managed_policies {

struct Entry {
    std::string_view name;
    std::string_view path;     // "/", "/job-function/", "/service-role/", "/aws-service-role/", "/root-task/"
    std::string_view id;       // ANPA..
    std::string_view version;  // the default version's id: "v46"
    std::int64_t created_seconds;  // Unix epoch
    std::int64_t updated_seconds;
    bool attachable;  // false: for service-linked roles only (path /aws-service-role/)
    std::uint32_t chunk;
    std::uint32_t offset;  // in the chunk's plain bytes
    std::uint32_t length;
};

struct Chunk {
    std::string_view compressed;  // one zstd frame
    std::uint32_t plain_size;
};

inline constexpr std::size_t entry_count = @COUNT@;
inline constexpr std::uint32_t chunk_plain_size_max = @CHUNK_MAX@;

std::span<const Entry> entries();  // sorted by name, by byte
std::span<const Chunk> chunks();

}  // namespace sekisho::managed_policies
"""

SOURCE = """// Made by tools/embed_managed_policies.py from models/aws/managed_policies.jsonl; not to be edited.
#include "models/managed_policies.h"

namespace sekisho::managed_policies {
namespace {

@BLOBS@

constexpr Chunk chunk_table[] = {
@CHUNKS@
};

constexpr Entry entry_table[] = {
@ENTRIES@
};

static_assert(sizeof(entry_table) / sizeof(entry_table[0]) == entry_count);

}  // namespace

std::span<const Entry> entries() {
    return entry_table;
}
std::span<const Chunk> chunks() {
    return chunk_table;
}

}  // namespace sekisho::managed_policies
"""


def compress(plain: bytes) -> bytes:
    """One frame with its content size; the same bytes for the same input and zstd version."""
    run = subprocess.run(["zstd", "-19", "--no-check", "-q", "-c"], input=plain, stdout=subprocess.PIPE, check=True)
    return run.stdout


def literal(data: bytes) -> str:
    """A C++ string literal: three octal digits for what is not plain, so that no digit after can join an escape."""
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F) if chr(byte) not in '"\\?'}
    pieces = (plain.get(byte, f"\\{byte:03o}") for byte in data)
    return '"' + "".join(pieces) + '"'


def blob(number: int, data: bytes) -> str:
    lines = "\n    ".join(literal(data[at:at + 96]) for at in range(0, len(data), 96))
    return f"constexpr char chunk_{number}[] =\n    {lines};"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    policies: list[dict[str, Any]] = [json.loads(line) for line in source.read_text(encoding="ascii").splitlines()]
    policies.sort(key=lambda policy: policy["name"].encode())
    entries, plains = [], []
    for first in range(0, len(policies), POLICIES_PER_CHUNK):
        plain = bytearray()
        for policy in policies[first:first + POLICIES_PER_CHUNK]:
            document = json.dumps(policy["document"], separators=(",", ":"), ensure_ascii=True).encode()
            attachable = "false" if policy["path"] == "/aws-service-role/" else "true"
            entries.append(f'    {{"{policy["name"]}", "{policy["path"]}", "{policy["id"]}", "{policy["version"]}", '
                           f'{seconds(policy["created"])}, {seconds(policy["updated"])}, {attachable}, '
                           f'{len(plains)}, {len(plain)}, {len(document)}}},')
            plain += document
        plains.append(bytes(plain))
    with ThreadPoolExecutor(2) as pool:
        frames = list(pool.map(compress, plains))
    chunks = [f"    {{std::string_view(chunk_{number}, {len(frame)}), {len(plain)}}},"
              for number, (frame, plain) in enumerate(zip(frames, plains))]
    folder.mkdir(parents=True, exist_ok=True)
    header = HEADER.replace("@COUNT@", str(len(entries)))
    header = header.replace("@CHUNK_MAX@", str(max(len(plain) for plain in plains)))
    code = SOURCE.replace("@BLOBS@", "\n\n".join(blob(number, frame) for number, frame in enumerate(frames)))
    code = code.replace("@CHUNKS@", "\n".join(chunks)).replace("@ENTRIES@", "\n".join(entries))
    (folder / "managed_policies.h").write_text(header, encoding="ascii")
    (folder / "managed_policies.cc").write_text(code, encoding="ascii")


if __name__ == "__main__":
    main()
