"""The harness itself: a helper that fails quietly would make every test above it worthless."""

import sys
from pathlib import Path

from authenticator import Authenticator
from clients import Shell
from server import BARE_ENVIRONMENT
from terminal import BrowserDoor, Terminal

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"


def shell(folder: Path) -> Shell:
    return Shell({**BARE_ENVIRONMENT, "HOME": str(folder)}, folder)


def test_authenticator_gives_the_codes_of_rfc_6238_appendix_b() -> None:
    app = Authenticator(RFC_SECRET)
    assert [app.code_at(seconds // 30) for seconds in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_authenticator_never_repeats_a_code() -> None:
    app = Authenticator(RFC_SECRET)
    assert app.code() != app.code()


def test_shell_keeps_variables_between_lines(tmp_path: Path) -> None:
    reader = shell(tmp_path)
    reader.run("name=$(printf 'a b' | cut -d' ' -f2)\nexport KEY=\"it's $name\"")
    assert reader.value("name") == "b"
    assert reader.run("sh -c 'printf %s \"$KEY\"'").stdout == "it's b"
    reader.run("unset KEY")
    assert reader.value("KEY") == ""


def test_shell_reports_a_failing_line(tmp_path: Path) -> None:
    assert shell(tmp_path).run("false | cat", check=False).returncode == 1


def test_terminal_answers_prompts(tmp_path: Path) -> None:
    ask = "a = input('Start URL [None]: '); b = input('Region [x]: '); print('got', a, b)"
    with Terminal([sys.executable, "-c", ask], BARE_ENVIRONMENT, tmp_path) as terminal:
        terminal.answer(r"Start URL \[None\]:", "https://example.test/start")
        terminal.answer(r"Region \[x\]:", "us-east-1")
        terminal.wait_for(r"^got https://example\.test/start us-east-1$")
        assert terminal.wait_for_end() == 0


def test_browser_door_notes_what_is_opened(tmp_path: Path) -> None:
    door = BrowserDoor(tmp_path)
    opens = "import webbrowser; webbrowser.open_new_tab('https://example.test/a?b=c&d=%20')"
    with Terminal([sys.executable, "-c", opens], {**BARE_ENVIRONMENT, **door.environment()}, tmp_path) as terminal:
        assert door.address(seconds=10) == "https://example.test/a?b=c&d=%20"
        assert terminal.wait_for_end() == 0
