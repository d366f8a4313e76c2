"""A Sekisho server of a test's own: a fresh home, a port of its own, ended (and its clean end checked) by the test."""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
REGION = "us-east-1"
# For `serve`: clusters are records, without processes.
RECORDS = ("--cluster-provider", "record")

# A client sees this and what `sekisho env` exports, nothing of the machine's own environment.
BARE_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
    "AWS_PAGER": "",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def cache_folder() -> Path:
    """Where tools/setup.sh keeps what it fetched and built."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("SEKISHO_CACHE") or f"{base}/sekisho")


def binary() -> Path:
    path = Path(os.environ.get("SEKISHO_BINARY") or ROOT / "build" / "release" / "sekisho")
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is missing: run ./dev build, or name a program in SEKISHO_BINARY")
    return path


class Server:
    """One home and the process that serves it. `url` is where it answers, as its `ready` line says."""

    def __init__(self, home: Path, clients_home: Path) -> None:
        self.home = home
        self.clients_home = clients_home  # HOME of every client: its ~/.aws, ~/.kube
        self.url = ""
        self.log = home.with_name(home.name + ".log")
        self._process: subprocess.Popen[str] | None = None
        clients_home.mkdir(parents=True, exist_ok=True)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def command(self, *arguments: str, check: bool = True, home: bool = True,
                stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """`sekisho <arguments> --home HOME`."""
        where = ["--home", str(self.home)] if home else []
        run = subprocess.run([str(binary()), *arguments, *where], env=self._own_environment(), input=stdin,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"sekisho {' '.join(arguments)}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
        return run

    def init(self, *options: str) -> None:
        self.command("init", *options)

    def start(self, *options: str) -> None:
        """Starts serving and waits for the `ready` line."""
        assert self._process is None
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(binary()), "serve", "--home", str(self.home), "--listen", "127.0.0.1:0", *options],
                env=self._own_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self._wait_for_ready(self._process)

    def stop(self) -> None:
        """SIGTERM; a clean end is exit code 0 in time."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"still running {STOP_SECONDS_MAX} s after SIGTERM\n{self.log_end()}") from None
        assert code == 0, f"ended with {code}\n{self.log_end()}"

    def kill(self) -> None:
        """SIGKILL, as a crash of the machine would be for the process."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def environment(self, *, proxy: bool = False) -> dict[str, str]:
        """What a client's shell holds after `eval "$(sekisho env)"`, starting from a bare one."""
        script = f'eval "$("$1" env --home "$2"{" --proxy" if proxy else ""})" && env -0'
        run = subprocess.run(["bash", "--noprofile", "--norc", "-ec", script, "bash", str(binary()), str(self.home)],
                             env={**BARE_ENVIRONMENT, "HOME": str(self.clients_home)}, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=30, check=False)
        assert run.returncode == 0, run.stderr.decode()
        pairs = (entry.split("=", 1) for entry in run.stdout.decode().split("\0") if entry)
        return {name: value for name, value in pairs if name not in ("_", "SHLVL", "PWD", "OLDPWD")}

    def log_end(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _own_environment(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        cache = {"SEKISHO_CACHE": str(cache_folder())}
        return {**BARE_ENVIRONMENT, "HOME": str(self.clients_home), **cache, **keep}

    def _wait_for_ready(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()

        def read() -> None:
            for line in process.stdout or ():
                lines.put(line)
            lines.put("")

        threading.Thread(target=read, daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=READY_SECONDS_MAX)
            except queue.Empty:
                process.kill()
                raise AssertionError(f"no ready line within {READY_SECONDS_MAX} s\n{self.log_end()}") from None
            if line.startswith("ready https://"):
                return line.split()[1]
            if not line:
                raise AssertionError(f"sekisho serve ended with {process.wait()}\n{self.log_end()}")


@contextmanager
def running_server(folder: Path, *init_options: str, serve: tuple[str, ...] = ()) -> Iterator[Server]:
    server = Server(folder / "home", folder / "clients")
    server.init(*init_options)
    server.start(*serve)
    try:
        yield server
        assert server.is_running(), f"the server ended by itself\n{server.log_end()}"
    finally:
        if server.is_running():
            server.stop()
