"""SIGKILL at any moment loses no acknowledged change: writers create IAM users as fast as they are answered, the server
is killed again and again at random moments, and after every start each acknowledged user is there, once."""

import random
import threading
import time
from pathlib import Path

import botocore.exceptions
import pytest
from clients import Boto, Keys, default_keys
from server import Server

KILLS = 200
WRITERS = 2
LOST = (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError)


def write(boto: Boto, keys: Keys, prefix: str, acknowledged: set[str], unclear: set[str], stop: threading.Event) -> None:
    """Until the server goes away. A request without an answer may or may not have been written."""
    iam = boto.client("iam", keys)
    for number in range(1_000_000):
        if stop.is_set():
            return
        name = f"{prefix}-{number}"
        try:
            iam.create_user(UserName=name)
            acknowledged.add(name)
        except LOST:
            unclear.add(name)
            return


def test_no_acknowledged_change_is_lost(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    chance = random.Random(20220614)
    acknowledged: set[str] = set()
    unclear: set[str] = set()
    for kill in range(KILLS):
        server.start()
        boto = Boto(server, tmp_path)
        keys = default_keys(boto.environment)
        stop = threading.Event()
        writers = [threading.Thread(target=write, args=(boto, keys, f"k{kill}w{writer}", acknowledged, unclear, stop))
                   for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.02, 0.4))
        server.kill()
        stop.set()
        for writer in writers:
            writer.join()
    server.start()
    boto = Boto(server, tmp_path)
    listed = [user["UserName"] for page in boto.client("iam").get_paginator("list_users").paginate(
        PaginationConfig={"PageSize": 1000}) for user in page["Users"] if user["UserName"].startswith("k")]
    server.stop()
    assert len(acknowledged) > KILLS, "the writers were hardly heard: this run proves nothing"
    assert sorted(listed) == sorted(set(listed))
    assert acknowledged - set(listed) == set()
    assert set(listed) - acknowledged <= unclear


@pytest.mark.parametrize("moment", ["idle", "starting"])
def test_killed_when_nothing_is_written(tmp_path: Path, moment: str) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    if moment == "idle":
        time.sleep(0.5)
    server.kill()
    server.start()
    assert Boto(server, tmp_path).client("sts").get_caller_identity()["Arn"].startswith("arn:aws:iam::")
    server.stop()
