"""A real terminal (tmux) for commands that ask at prompts: `aws configure sso`, `aws sso login`."""

import re
import shlex
import subprocess
import time
import uuid
from pathlib import Path
from types import TracebackType


class Terminal:
    """One command in a tmux of its own, started at once. `screen()` is all it printed so far."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self._socket = str(folder / f"tmux-{uuid.uuid4().hex[:8]}")
        script = folder / f"terminal-{uuid.uuid4().hex[:8]}.sh"
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        script.write_text(f"{exports}cd {shlex.quote(str(folder))}\n{shlex.join(command)}\necho \"[ended with $?]\"\nexec sleep 600\n")
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "240", "-y", "60", f"env -i bash --noprofile --norc {script}",
                   ";", "set-option", "-g", "history-limit", "5000")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._tmux("kill-server", check=False)

    def screen(self) -> str:
        """-J joins lines that the terminal wrapped."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def wait_for(self, pattern: str, *, seconds: float = 60) -> re.Match[str]:
        """Waits until the screen shows `pattern` (a regular expression, multi-line)."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen()
            found = re.search(pattern, screen, re.MULTILINE)
            if found:
                return found
            if time.monotonic() > end or "[ended with" in screen:
                screen = self.screen()
                found = re.search(pattern, screen, re.MULTILINE)
                assert found, f"the terminal never showed {pattern!r}:\n{screen}"
                return found
            time.sleep(0.1)

    def answer(self, prompt: str, text: str, *, seconds: float = 60) -> None:
        """Types `text` and Enter once the last line on the screen is the prompt."""
        self.wait_for(prompt + r"[^\n]*\s*\Z", seconds=seconds)
        if text:
            self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")
        time.sleep(0.2)

    def wait_for_end(self, *, seconds: float = 60) -> int:
        return int(self.wait_for(r"\[ended with (\d+)\]", seconds=seconds).group(1))

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        run = subprocess.run(["tmux", "-S", self._socket, *arguments], check=False, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=20)
        assert not check or run.returncode == 0, f"tmux {arguments}: {run.stderr}"
        return run.stdout


class BrowserDoor:
    """What a command opens when it opens the browser: `BROWSER` is a script that notes the address."""

    def __init__(self, folder: Path) -> None:
        self._noted = folder / f"opened-{uuid.uuid4().hex[:8]}"
        self._script = self._noted.with_suffix(".sh")
        self._script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" >> {shlex.quote(str(self._noted))}\n")
        self._script.chmod(0o755)

    def environment(self) -> dict[str, str]:
        return {"BROWSER": f"{self._script} %s"}

    def address(self, *, seconds: float = 60) -> str:
        """The address of the first page that was opened; a second call waits for the next one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines = self._noted.read_text().splitlines() if self._noted.exists() else []
            if lines:
                self._noted.write_text("".join(f"{line}\n" for line in lines[1:]))
                return lines[0]
            time.sleep(0.1)
        raise AssertionError(f"no browser was opened within {seconds} s")
