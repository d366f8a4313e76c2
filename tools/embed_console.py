#!/usr/bin/env python3
"""Makes console_data.cc, the console's files for the program, from what `npm run build` left.

    embed_console.py DIST OUTPUT.cc

Every file is there as FILE.br (web/pack.mjs). Uses the standard library."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from embed_managed_policies import literal  # noqa: E402

SOURCE = """// Made by tools/embed_console.py from web/; not to be edited.
#include "portal/console.h"

namespace sekisho::portal {
namespace {

@BLOBS@

constexpr ConsoleFile table[] = {
@TABLE@
};

}  // namespace

std::span<const ConsoleFile> console_files() {
    return table;
}

}  // namespace sekisho::portal
"""


def blob(number: int, data: bytes) -> str:
    lines = "\n    ".join(literal(data[at:at + 96]) for at in range(0, len(data), 96))
    return f"constexpr char file_{number}[] =\n    {lines};"


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    files = [(path.relative_to(folder).as_posix().removesuffix(".br"), path.read_bytes())
             for path in sorted(folder.rglob("*.br"))]
    if not files:
        raise SystemExit(f"{folder} holds no built console")
    table = "\n".join(f'    {{"/console/{name}", std::string_view(file_{number}, {len(data)})}},'
                      for number, (name, data) in enumerate(files))
    blobs = "\n\n".join(blob(number, data) for number, (_, data) in enumerate(files))
    out.write_text(SOURCE.replace("@TABLE@", table).replace("@BLOBS@", blobs), encoding="ascii")


if __name__ == "__main__":
    main()
