"""Many different signed JSON calls at once, over kept connections: what h2load, which repeats one request, cannot send."""

import asyncio
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clients import Keys
from server import REGION

TARGETS = {"identitystore": "AWSIdentityStore", "sso-admin": "SWBExternalService", "organizations": "AWSOrganizationsV20161128",
           "sekisho": "Sekisho_20261124"}
SIGNING_NAMES = {"sso-admin": "sso"}


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    input: dict[str, Any]


@dataclass
class Outcome:
    seconds: float  # of the whole
    times: list[float]  # of each call, sorted
    answers: list[dict[str, Any]]

    def milliseconds(self, percent: int) -> float:
        return self.times[min(len(self.times) * percent // 100, len(self.times) - 1)] * 1000


class SignedLoad:
    """The caller's keys, and the server. Every answer must be 200."""

    def __init__(self, port: int, ca: str, keys: Keys) -> None:
        self._port = port
        self._host = f"localhost:{port}"
        self._tls = ssl.create_default_context(cafile=ca)
        self._keys = keys
        self._signing: dict[tuple[str, str], bytes] = {}

    def run(self, calls: Iterable[Call], connections: int, *, keep: bool = False) -> Outcome:
        return asyncio.run(self._run(iter(calls), connections, keep))

    async def _run(self, calls: Iterator[Call], connections: int, keep: bool) -> Outcome:
        times: list[float] = []
        answers: list[dict[str, Any]] = []

        async def work() -> None:
            reader, writer = await asyncio.open_connection("localhost", self._port, ssl=self._tls)
            for call in calls:  # one iterator for all: each takes what is next
                request = self._request(call)
                began = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
                body = await reader.readexactly(length)
                times.append(time.perf_counter() - began)
                if not head.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(f"{call.operation} was refused: {body.decode()}")
                if keep:
                    answers.append(json.loads(body))
            writer.close()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(connections)))
        return Outcome(time.perf_counter() - began, sorted(times), answers)

    def _request(self, call: Call) -> bytes:
        """Signature Version 4, by hand: botocore's takes longer than the server's work."""
        body = json.dumps(call.input, separators=(",", ":")).encode()
        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        service = SIGNING_NAMES.get(call.service, call.service)
        target = f"{TARGETS[call.service]}.{call.operation}"
        names = "content-type;host;x-amz-date;x-amz-target"
        canonical = (f"POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:{self._host}\nx-amz-date:{at}\n"
                     f"x-amz-target:{target}\n\n{names}\n{hashlib.sha256(body).hexdigest()}")
        scope = f"{at[:8]}/{REGION}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._signing_key(at[:8], service), text.encode(), "sha256").hex()
        return (f"POST / HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-date: {at}\r\n"
                f"x-amz-target: {target}\r\nauthorization: AWS4-HMAC-SHA256 Credential={self._keys.access_key_id}/{scope}, "
                f"SignedHeaders={names}, Signature={signature}\r\ncontent-length: {len(body)}\r\n\r\n").encode() + body

    def _signing_key(self, day: str, service: str) -> bytes:
        if (day, service) not in self._signing:
            key = f"AWS4{self._keys.secret_access_key}".encode()
            for part in (day, REGION, service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._signing[day, service] = key
        return self._signing[day, service]
