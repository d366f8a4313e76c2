"""backup, restore, check and recover by their commands: a backup of a server under load restored into another home starts a
new epoch, a damaged store is found, and breaking the glass leaves its record."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from administration import Administration
from botocore.exceptions import ClientError
from clients import Boto, Keys, default_keys
from server import Server


STORE = "store.mdb"


class MovedServer(Server):
    """A home that has another's master key, given by the environment."""

    def __init__(self, home: Path, clients_home: Path, master_key: str) -> None:
        super().__init__(home, clients_home)
        self._master_key = master_key

    def _own_environment(self) -> dict[str, str]:
        return super()._own_environment() | {"SEKISHO_MASTER_KEY": self._master_key}


def made(folder: Path, name: str = "home") -> Server:
    server = Server(folder / name, folder / f"{name}-clients")
    server.init()
    return server


@contextmanager
def load(boto: Boto) -> Iterator[list[str]]:
    """Users made as fast as they are answered, by two writers, while the block runs."""
    written: list[str] = []
    stop = threading.Event()

    def write(number: int) -> None:
        iam = boto.client("iam")
        for count in range(100_000):
            if stop.is_set():
                return
            name = f"load-{number}-{count}"
            iam.create_user(UserName=name)
            written.append(name)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    try:
        yield written
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def users(boto: Boto, keys: Keys | None = None) -> set[str]:
    pages = boto.client("iam", keys).get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1000})
    return {user["UserName"] for page in pages for user in page["Users"]}


def trail(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for file in sorted((server.home / "audit").glob("*.jsonl")) for line in file.read_text().splitlines()]


def test_a_backup_under_load_is_restored_into_another_home(tmp_path: Path) -> None:
    server = made(tmp_path)
    server.start()
    boto = Boto(server, tmp_path)
    keys = default_keys(boto.environment)
    session = Keys.from_response(boto.client("sts").get_session_token()["Credentials"])
    assert boto.client("sts", session).get_caller_identity()["Arn"].endswith(":user/admin")
    file = tmp_path / "store.backup"
    with load(boto) as written:
        while len(written) < 20:
            pass
        before = set(written)
        out = server.command("backup", str(file)).stdout
    assert re.search(r"store\.backup: \d+ bytes\. It does not contain the master key", out), out
    again = server.command("backup", str(file), check=False)
    assert again.returncode == 1 and "exist" in again.stderr, again.stderr
    server.stop()
    assert "0 problems" in server.command("check").stdout

    master_key = (server.home / "master-key").read_text().strip()
    content = file.read_bytes()
    assert master_key.encode() not in content and bytes.fromhex(master_key) not in content
    assert keys.secret_access_key.encode() not in content  # sealed
    assert file.stat().st_mode & 0o077 == 0

    stranger = made(tmp_path, "stranger")
    refused = stranger.command("restore", str(file), check=False)
    assert refused.returncode == 1 and "was made with another master key" in refused.stderr, refused.stderr
    assert not (stranger.home / "store.restoring").exists()
    assert "0 problems" in stranger.command("check").stdout

    moved = MovedServer(tmp_path / "moved", tmp_path / "moved-clients", master_key)
    moved.init()
    assert not (moved.home / "master-key").exists()
    told = moved.command("restore", str(file)).stdout
    assert "every session and token from before is dead" in told and "sekisho recover" in told
    assert "0 problems" in moved.command("check").stdout
    moved.start()
    boto = Boto(moved, tmp_path / "moved-clients")
    restored = users(boto, keys)  # the long-term key of before works
    assert before <= restored
    with pytest.raises(ClientError) as dead:
        boto.client("sts", session).get_caller_identity()
    assert dead.value.response["Error"]["Code"] == "InvalidClientTokenId"
    fresh = Keys.from_response(boto.client("sts", keys).get_session_token()["Credentials"])
    assert boto.client("sts", fresh).get_caller_identity()["Arn"].endswith(":user/admin")
    moved.stop()
    assert [record["eventName"] for record in trail(moved)].count("RestoreStore") == 1


def test_restoring_over_a_home_lists_who_was_disabled_since(tmp_path: Path) -> None:
    server = made(tmp_path)
    server.start()
    boto = Boto(server, tmp_path)
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    leaver = administration.invite_user(directory, "leaver", "leaver@example.com")
    administration.invite_user(directory, "stayer", "stayer@example.com")
    file = tmp_path / "before.backup"
    server.command("backup", str(file))
    administration.set_user_enabled(directory, leaver, False)
    boto.client("iam").create_user(UserName="made-since")
    server.stop()
    told = server.command("restore", str(file)).stdout
    assert "Enabled by the backup, though disabled since: leaver\n" in told and "stayer" not in told
    former = re.search(r"The former store is kept in (\S+)", told)
    assert former and (Path(former.group(1)) / STORE).exists()
    server.start()
    assert "made-since" not in users(Boto(server, tmp_path))
    server.stop()
    # A second restore, of a home whose store is gone, says that it cannot tell.
    shutil.rmtree(server.home / "store")
    (server.home / "store").mkdir(mode=0o700)
    (server.home / "store" / STORE).write_bytes(b"\0" * 65536)
    told = server.command("restore", str(file)).stdout
    assert "It cannot be read: check by hand who was disabled since the backup." in told, told
    assert "0 problems" in server.command("check").stdout


@pytest.mark.parametrize("content", [b"", b"not a store", b"\0" * 100_000])
def test_what_is_no_backup_is_refused_and_changes_nothing(tmp_path: Path, content: bytes) -> None:
    server = made(tmp_path)
    file = tmp_path / "file"
    file.write_bytes(content)
    run = server.command("restore", str(file), check=False)
    assert run.returncode == 1 and "file" in run.stderr, run.stderr
    assert "is not a backup file" in server.command("restore", str(tmp_path), check=False).stderr
    assert "is not a backup file" in server.command("restore", str(tmp_path / "none"), check=False).stderr
    assert "0 problems" in server.command("check").stdout
    server.start()
    assert users(Boto(server, tmp_path)) == {"admin"}
    server.stop()


def test_a_backup_where_it_cannot_be_written(tmp_path: Path) -> None:
    server = made(tmp_path)
    server.start()
    run = server.command("backup", str(tmp_path / "no" / "folder" / "file"), check=False)
    assert run.returncode == 1 and "no/folder/file" in run.stderr, run.stderr
    relative = server.command("backup", "/dev/null/file", check=False)
    assert relative.returncode == 1 and server.is_running()
    server.stop()


def test_check_finds_damage_in_the_store(tmp_path: Path) -> None:
    server = made(tmp_path)
    good = server.command("check")
    assert re.search(r"Store {8}\d+ rows, 0 problems", good.stdout) and good.stderr == ""
    data = server.home / "store" / STORE
    content = data.read_bytes()
    # A user's unique id stands in records and indexes, on pages in use and on old ones: one of them is changed at a time.
    found = []
    for match in re.finditer(rb"AIDA", content):
        data.write_bytes(content[:match.end()] + b"#" + content[match.end() + 1:])
        bad = server.command("check", check=False)
        if bad.returncode == 1:
            assert "the home is damaged" in bad.stderr, bad
            assert re.search(r"Store {8}\d+ rows, [1-9]\d* problems\n  \S", bad.stdout), bad.stdout
            found.append(match.start())
    assert found
    data.write_bytes(content)
    server.command("check")


@pytest.mark.parametrize("cut", [0, 1, 4096, 10_000, None])
def test_a_store_cut_short_is_an_error_and_no_crash(tmp_path: Path, cut: int | None) -> None:
    server = made(tmp_path)
    data = server.home / "store" / STORE
    if cut is None:
        data.unlink()
    else:
        data.write_bytes(data.read_bytes()[:cut])
    for command in ("check", "recover", "serve"):
        run = server.command(command, check=False)
        assert run.returncode == 1 and run.stderr.startswith("sekisho: "), run


def test_check_finds_a_changed_trail(tmp_path: Path) -> None:
    server = made(tmp_path)
    server.start()
    boto = Boto(server, tmp_path)
    for number in range(5):
        boto.client("iam").create_user(UserName=f"user{number}")
    server.stop()
    assert "0 problems" in server.command("check").stdout
    segment = next(file for file in (server.home / "audit").glob("*.jsonl") if "user3" in file.read_text())
    segment.write_text(segment.read_text().replace("user3", "user9"))
    bad = server.command("check", check=False)
    assert bad.returncode == 1 and "the home is damaged" in bad.stderr, bad
    assert segment.name in bad.stdout, bad.stdout
    segment.unlink()
    assert "the home is damaged" in server.command("check", check=False).stderr


def test_recover_makes_a_new_key_and_a_record(tmp_path: Path) -> None:
    server = made(tmp_path)
    server.start()
    boto = Boto(server, tmp_path)
    former = default_keys(boto.environment)
    boto.client("iam").detach_user_policy(UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    with pytest.raises(ClientError):
        boto.client("iam").list_users()
    running = server.command("recover", check=False)
    assert running.returncode == 1 and "stop it first" in running.stderr
    server.stop()
    told = server.command("recover")
    assert "The audit trail has a record of this." in told.stdout
    secret = (server.home / "aws/credentials").read_text().split("aws_secret_access_key = ")[1].strip()
    assert secret not in told.stdout + told.stderr and secret != former.secret_access_key
    server.start()
    boto = Boto(server, tmp_path)
    assert users(boto) == {"admin"}
    server.stop()
    records = [record for record in trail(server) if record["eventName"] == "RecoverAdministrator"]
    assert len(records) == 1
    identity = records[0]["userIdentity"]
    assert isinstance(identity, dict) and identity["userName"] and records[0]["readOnly"] is False
    assert secret not in json.dumps(records)
    assert "0 problems" in server.command("check").stdout
