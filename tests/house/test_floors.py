"""Rooms include lower floors only; what is expensive or dangerous to see stays behind its door."""

import re

import pytest
from floors import FLOORS, SRC, breaches, room_of, rooms, sources


@pytest.mark.parametrize("room", rooms())
def test_room_includes_lower_floors_only(room: str) -> None:
    found = []
    for path in sources(f"src/{room}/*.h", f"src/{room}/*.cc"):
        found += breaches(path.relative_to(SRC).as_posix(), path.read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize("room", rooms())
def test_room_uses_lower_floors_only_in_cmake(room: str) -> None:
    lists = SRC / room_of(f"{room}/x") / "CMakeLists.txt" if room_of(f"{room}/x") else SRC / "CMakeLists.txt"
    text = re.sub(r"#.*", "", lists.read_text(encoding="utf-8"))
    used = re.search(r"sekisho_room\(\s*\S+\s+USES\s+([^)]*?)(?:\s+(?:LINK|SOURCES)\b|\))", text)
    for other in used.group(1).split() if used else []:
        assert other in FLOORS and FLOORS[other] < FLOORS[room_of(f"{room}/x")], f"{room} USES {other}"


def test_no_file_lies_outside_a_room() -> None:
    assert [path for path in sources("src/*.h", "src/*.cc") if room_of(path.relative_to(SRC).as_posix()) is None] == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("base/text.cc", '#include "store/store.h"'),
        ("wire/sigv4.cc", '#include "net/listener.h"'),  # the same floor
        ("services/iam/roles.cc", '#include "services/sts/assume_role.h"'),
        ("domain/iam.cc", '#include "operation/call.h"'),
        ("policy/parse.cc", '#include "parse.h"'),  # not written with its room
        ("portal/pages.cc", "#include <boost/beast/http.hpp>"),
        ("store/lmdb.cc", "#  include <boost/asio/io_context.hpp>"),
        ("helpers/text.cc", "int x;"),
        ("wire/codec.cc", '#include "models/iam.h"'),
    ],
)
def test_a_breach_is_seen(path: str, line: str) -> None:
    assert len(breaches(path, f"#pragma once\n{line}\n")) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("store/lmdb.cc", "#include <lmdb.h>"),
        ("services/iam/roles.cc", '#include "models/iam.h"'),
        ("services/iam/roles.cc", '#include "services/iam/documents.h"'),
        ("operation/pipeline.cc", "#include <boost/asio/post.hpp>"),
        ("cli/main.cc", '#include "server/server.h"'),
        ("wire/codec_test.cc", '#include "models/iam.h"'),
    ],
)
def test_a_lawful_include_is_let_through(path: str, line: str) -> None:
    assert breaches(path, line) == []
