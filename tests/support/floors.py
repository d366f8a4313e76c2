"""The house's floors (docs/architecture.md, "The house"), and the reading of its sources."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

# A room may include files of its own and of rooms on lower floors. `models/` is what the generator makes from the API
# models: plain types over wire's shapes, for the store's records upwards.
FLOORS: dict[str, float] = {
    "base": 0,
    "crypto": 1, "policy": 1, "template": 1,
    "net": 2, "wire": 2,
    "models": 2.5,
    "store": 3,
    "domain": 4,
    "access": 5, "audit": 5, "federation": 5,
    "operation": 6,
    "services/organizations": 7, "services/identity_center": 7, "services/iam": 7, "services/sts": 7,
    "services/sso": 7, "services/eks": 7, "services/cloudformation": 7, "services/ec2": 7, "services/cloudtrail": 7,
    "services/access_analyzer": 7, "services/autoscaling": 7, "services/signin": 7, "services/sekisho": 7,
    "kube": 7, "portal": 7,
    "server": 8,
    "cli": 9,
}  # fmt: skip

# Headers that cost seconds in every file that sees them, or whose types must not leak: who may include them.
FENCED = {
    "boost/asio": ("net/", "operation/pipeline.", "server/"),
    "boost/beast": ("net/",),
    "curl/": ("net/",),
    "nghttp2/": ("net/",),
    "openssl/": ("crypto/", "net/"),
    "lmdb.h": ("store/",),
}

# wire's codecs work on any model and know none; its tests try them on all of them.
MODELS_TRIED = re.compile(r"^wire/\w+_(test|fuzz)\.(cc|h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path: str) -> str | None:
    """The room of a path below src/, or of a quoted include; None for a path in no room."""
    parts = path.split("/")
    if parts[0] == "services":
        return "/".join(parts[:2]) if len(parts) > 2 else None
    return parts[0] if len(parts) > 1 else None


def breaches(path: str, text: str) -> list[str]:
    """What the file at `path` (below src/) includes and must not."""
    room = room_of(path)
    if room not in FLOORS:
        return [f"{path}: {room or 'src'} is no room of the house (tests/support/floors.py lists them)"]
    found = []
    for quote, name in INCLUDE.findall(text):
        if quote == "<":
            found += [f"{path}: <{name}> belongs behind {', '.join(allowed)}" for prefix, allowed in FENCED.items()
                      if name.startswith(prefix) and not path.startswith(allowed)]
            continue
        other = room_of(name)
        if other not in FLOORS:
            found.append(f'{path}: "{name}" is not written as "room/file.h"')
        elif other == "models" and MODELS_TRIED.match(path):
            continue
        elif other != room and FLOORS[other] >= FLOORS[room]:
            found.append(f'{path}: "{name}" is of floor {FLOORS[other]}, above or beside {room} (floor {FLOORS[room]})')
    return found


def sources(*patterns: str) -> list[Path]:
    """The repository's files (tracked, or new and not ignored) that match one of git's path patterns."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
                            cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()
    return [ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]


def rooms() -> list[str]:
    """Every folder of src/ that holds C++ files."""
    below = {path.relative_to(SRC).parent.as_posix() for path in sources("src/*.h", "src/*.cc")}
    return sorted(below - {"."})
