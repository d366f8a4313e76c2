"""Small rules of the house that a machine can check: READMEs, sizes, promises, names of hosts, scripts."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from floors import ROOT, SRC, rooms, sources

LINES_MAX = 600
README_LINES_MAX = 15
# Split, so that this file does not hold the words itself.
PROMISE = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
REGISTRY = re.compile(
    r"\b((registry|www)\.npmjs|pypi|files\.pythonhosted|(index|static)\.crates|crates|(proxy|sum|index)\.golang|"
    r"deb\.debian|(repo1?|central)\.maven|rubygems|registry\.yarnpkg)\.(org|io|com)\b"
)
SCRIPTS = ("test", "dev", "quickstart", ".ci/run", "tools/*.sh", "tests/*.sh", "tools/build_client")


def text_files() -> list[Path]:
    """Everything people wrote. Data (models, corpora, lock files) is not prose and is left out."""
    return [path for path in sources(":!models", ":!tests/corpora", ":!*.lock", ":!*-lock.json", ":!*.sum")
            if b"\0" not in path.read_bytes()]


@pytest.mark.parametrize("room", rooms())
def test_room_has_a_short_readme(room: str) -> None:
    readme = SRC / room / "README.md"
    assert readme.is_file(), f"src/{room} has no README.md: purpose, what it may use, what it must not know"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= README_LINES_MAX


def test_files_hold_one_thing() -> None:
    long = {}
    for path in sources("src/*.cc", "src/*.h", "tests/*.py", "tools/*.py", "web/*.ts", "web/*.tsx"):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > LINES_MAX:
            long[str(path.relative_to(ROOT))] = count
    assert long == {}


def test_no_promises() -> None:
    found = [f"{path.relative_to(ROOT)}:{number}" for path in text_files()
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if PROMISE.search(line)]
    assert found == []


def test_no_package_registry_is_named() -> None:
    found = [str(path.relative_to(ROOT)) for path in sources(":!models")
             if REGISTRY.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert found == []


def test_headers_are_included_once() -> None:
    missing = [str(path.relative_to(ROOT)) for path in sources("src/*.h")
               if "#pragma once" not in path.read_text(encoding="utf-8")]
    assert missing == []


@pytest.mark.parametrize("script", sources(*SCRIPTS), ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_parse(script: Path) -> None:
    first = script.read_text(encoding="utf-8").splitlines()[0]
    if "python" in first:
        compile(script.read_text(encoding="utf-8"), str(script), "exec")
    else:
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_an_unknown_package_is_a_missing_one() -> None:
    """dpkg-query fails when it has never heard of a name, and set-up runs with errexit and pipefail."""
    script = ('set -Eeuo pipefail; source tools/setup.sh; mapfile -t missing < <(missing_packages "$@"); '
              'setup_packages "Nothing" dpkg; printf "%s\\n" "${missing[@]}"')
    names = ("dpkg", "package-nobody-ever-heard-of", "bash", "another-unheard-of-package")
    run = subprocess.run(["bash", "-c", script, "bash", *names], cwd=ROOT, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=True)
    assert run.stdout.split() == ["another-unheard-of-package", "package-nobody-ever-heard-of"], run.stderr


def test_sources_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    """Whoever answers in the registry's place gets nothing compiled: here an `npm` that packs something else."""
    npm = tmp_path / "bin/npm"
    npm.parent.mkdir()
    npm.write_text('#!/bin/sh\nmkdir -p package/argon2 && tar czf "$(echo "$3" | tr @ -).tgz" package\n')
    npm.chmod(0o755)
    cache = tmp_path / "cache"
    script = 'set -Eeuo pipefail; PATH=$1:$PATH SEKISHO_CACHE=$2; source tools/setup.sh; setup_argon2'
    run = subprocess.run(["bash", "-c", script, "bash", npm.parent, cache], cwd=ROOT, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode != 0
    assert "argon2-0.45.1.tgz: FAILED" in run.stderr, run.stderr
    assert list(cache.iterdir()) == []


def run_count(folder: Path, *options: str) -> tuple[int, str]:
    run = subprocess.run(["python3", str(ROOT / "tools/count_results.py"), str(folder), *options], check=False,
                         stdout=subprocess.PIPE, text=True)
    return run.returncode, run.stdout.splitlines()[-1]


def write_reports(folder: Path, gtest_failures: list[str], ctest_failed: bool) -> None:
    (folder / "unit").mkdir()
    case = {"name": "Works", "status": "RUN", "result": "COMPLETED"}
    if gtest_failures:
        case["failures"] = [{"failure": text} for text in gtest_failures]
    report = {"testsuites": [{"name": "Suite", "testsuite": [case]}]}
    (folder / "unit/base_test.json").write_text(json.dumps(report))
    failure = '<failure message="x"/>' if ctest_failed else ""
    (folder / "ctest.xml").write_text(f'<testsuite><testcase name="base">{failure}</testcase>'
                                      '<testcase name="arn_fuzz_replay"/></testsuite>')
    (folder / "wire.xml").write_text('<testsuites><testsuite><testcase classname="a" name="b"/>'
                                     '<testcase classname="a" name="c"><skipped/></testcase></testsuite></testsuites>')


def test_results_are_added_up(tmp_path: Path) -> None:
    write_reports(tmp_path, gtest_failures=[], ctest_failed=False)
    assert run_count(tmp_path) == (0, "3 passed, 0 failed, 1 skipped")


def test_a_failed_case_is_counted_once(tmp_path: Path) -> None:
    write_reports(tmp_path, gtest_failures=["no"], ctest_failed=True)
    assert run_count(tmp_path) == (1, "2 passed, 1 failed, 1 skipped")


def test_a_program_that_crashes_at_its_end_is_a_failure(tmp_path: Path) -> None:
    write_reports(tmp_path, gtest_failures=[], ctest_failed=True)
    assert run_count(tmp_path) == (1, "3 passed, 1 failed, 1 skipped")


def test_a_broken_stage_and_an_empty_run_are_failures(tmp_path: Path) -> None:
    assert run_count(tmp_path) == (1, "0 passed, 0 failed")
    write_reports(tmp_path, gtest_failures=[], ctest_failed=False)
    assert run_count(tmp_path, "--broken", "1")[0] == 1
