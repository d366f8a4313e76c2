"""Requests byte for byte: signed by botocore at test time, then sent as they are or after they were tampered with."""

import http.client
import json
import re
import socket
import ssl
import urllib.parse
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from clients import Keys
from server import REGION

WIRE_SECONDS_MAX = 20


@dataclass
class Request:
    """`target` is the path with its query, exactly as it goes on the wire."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        return next(value for key, value in self.headers if key.lower() == name.lower())

    def with_header(self, name: str, value: str | None) -> "Request":
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        return Request(self.method, self.target, kept + ([(name, value)] if value is not None else []), self.body)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # lower-case names
    text: str

    @property
    def code(self) -> str:
        """The AWS error code, whatever the protocol."""
        xml = re.search(r"<Code>([^<]*)</Code>", self.text)
        if xml:
            return xml.group(1)
        named = self.headers.get("x-amzn-errortype", "")
        if not named and self.text.startswith("{"):
            named = json.loads(self.text).get("__type", "")
        return named.split(":")[0].rsplit("#", 1)[-1]

    @property
    def message(self) -> str:
        xml = re.search(r"<Message>(.*?)</Message>", self.text, re.DOTALL)
        if xml:
            return xml.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'") \
                .replace("&#39;", "'").replace("&amp;", "&")
        body = json.loads(self.text)
        return body.get("message", body.get("Message", ""))


class Wire:
    """One server's port, over TLS that is verified."""

    def __init__(self, port: int, ca: str) -> None:
        self.port = port
        self.host = f"localhost:{port}"
        self._ca = ca
        self._tls = ssl.create_default_context(cafile=ca)

    def send(self, request: Request) -> Answer:
        """On a connection of its own."""
        connection = self.connect()
        try:
            return self.exchange(connection, request)
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, timeout=WIRE_SECONDS_MAX, context=self._tls)

    def exchange(self, connection: http.client.HTTPSConnection, request: Request) -> Answer:
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        names = {name.lower() for name, _ in request.headers}
        for name, value in request.headers:
            connection.putheader(name, value.encode() if not value.isascii() else value)
        if "host" not in names:
            connection.putheader("Host", self.host)
        if "content-length" not in names and "transfer-encoding" not in names and (request.body or request.method == "POST"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        text = response.read().decode("utf-8", errors="replace")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def open_tls(self, *protocols: str) -> ssl.SSLSocket:
        """A TLS connection for hand-written bytes; `protocols` are offered by ALPN."""
        context = ssl.create_default_context(cafile=self._ca)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("localhost", self.port), WIRE_SECONDS_MAX)
        return context.wrap_socket(plain, server_hostname="localhost")

    def open_plain(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), WIRE_SECONDS_MAX)


def signed(wire: Wire, keys: Keys, request: Request, *, service: str = "sts", region: str = REGION,
           at: timedelta = timedelta(), presign: bool = False, expires: int = 900) -> Request:
    """The request with botocore's signature, as if it were made `at` from now. A signature in a header covers the query as
    Signature Version 4 wants it encoded, however the target spells it: botocore does that to parameters, not to a URL."""
    path, _, query = request.target.partition("?")
    parameters = None if presign else urllib.parse.parse_qsl(query, keep_blank_values=True)
    aws = AWSRequest(method=request.method, url=f"https://{wire.host}{request.target if presign else path}",
                     data=request.body or None, headers=dict(request.headers), params=parameters)
    if not presign:
        aws.headers["Host"] = wire.host
    credentials = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    auth = botocore.auth.SigV4QueryAuth(credentials, service, region, expires) if presign \
        else botocore.auth.SigV4Auth(credentials, service, region)
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: (datetime.now(UTC) + at).replace(tzinfo=None)):
        auth.add_auth(aws)
    target = aws.url.removeprefix(f"https://{wire.host}") if presign else request.target
    return Request(request.method, target, [(name, str(value)) for name, value in aws.headers.items()], request.body)


def form(text: str) -> Request:
    return Request("POST", "/", [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], text.encode())


def target(operation: str, body: bytes = b"{}", version: str = "1.1") -> Request:
    """An awsJson call: target("AWSOrganizationsV20161128.DescribeOrganization")."""
    return Request("POST", "/", [("Content-Type", f"application/x-amz-json-{version}"), ("X-Amz-Target", operation)], body)


CALLER_IDENTITY = form("Action=GetCallerIdentity&Version=2011-06-15")
CALLER_IDENTITY_QUERY = "Action=GetCallerIdentity&Version=2011-06-15"
