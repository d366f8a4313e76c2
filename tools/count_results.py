#!/usr/bin/env python3
"""Adds up the reports of a test run and prints one line: "N passed, N failed" and, if there are any, ", N skipped".

    count_results.py FOLDER [--broken N]

Reads GoogleTest's JSON reports (unit/*.json, tsan/*.json; a file x.failed beside them says that the program x failed),
pytest's JUnit reports (*.xml), and from ctest.xml the tests that are no GoogleTest programs, or that failed without a
failed case in their report. --broken counts stages that failed as a whole.
Names of failed cases are listed above the line. Exit code 1 when something failed or nothing passed.
"""

import argparse
import json
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Count:
    passed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)


def add_gtest(path: Path, count: Count) -> None:
    for suite in json.loads(path.read_text(encoding="utf-8"))["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{path.stem}: {suite['name']}.{case['name']}"
            if case.get("failures"):
                count.failed.append(name)
            elif case.get("result") == "SKIPPED":
                count.skipped += 1
            elif case.get("status") == "RUN":
                count.passed += 1


def add_end_failure(program: str, count: Count) -> None:
    """A program that failed, though no case in its report did (a crash at the end, a sanitizer's finding)."""
    if not any(name.startswith(f"{program}: ") for name in count.failed):
        count.failed.append(f"{program}: ended with an error")


def add_junit(path: Path, count: Count, counted_elsewhere: set[str]) -> None:
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name", "")
        failed = case.find("failure") is not None or case.find("error") is not None
        if name in counted_elsewhere:
            if failed:
                add_end_failure(f"{name}_test", count)
        elif failed:
            count.failed.append(f"{path.stem}: {case.get('classname', '')}.{name}")
        elif case.find("skipped") is not None:
            count.skipped += 1
        else:
            count.passed += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--broken", type=int, default=0)
    arguments = parser.parse_args()
    count = Count()
    reported: set[str] = set()
    for path in sorted(arguments.folder.glob("*/*.json")):
        add_gtest(path, count)
        if path.parent.name == "unit":
            reported.add(path.stem.removesuffix("_test"))  # ctest's name of a room's test program
    for path in sorted(arguments.folder.glob("*/*.failed")):
        add_end_failure(path.stem, count)
    for path in sorted(arguments.folder.glob("*.xml")):
        add_junit(path, count, reported if path.name == "ctest.xml" else set())
    for name in count.failed:
        print(f"  failed  {name}")
    if arguments.broken:
        print(f"  {arguments.broken} stage(s) failed as a whole (see above)")
    failed = len(count.failed) + arguments.broken
    line = f"{count.passed} passed, {failed} failed"
    print(line + (f", {count.skipped} skipped" if count.skipped else ""))
    return 1 if failed or count.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
