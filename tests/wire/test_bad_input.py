"""Bad input at every door: AWS's error where AWS has one, else a clean 4xx or a closed connection; never a crash, never a
hang. Every test ends by asking the server whether it still answers."""

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import pytest
from clients import Boto, Keys, default_keys
from raw import CALLER_IDENTITY, Request, Wire, form, signed, target
from server import Server

DESCRIBE = "AWSOrganizationsV20161128.DescribeOrganization"


@pytest.fixture(scope="module")
def keys(boto: Boto) -> Keys:
    return default_keys(boto.environment)


@pytest.fixture
def wire(server: Server, boto: Boto, keys: Keys) -> Iterator[Wire]:
    door = Wire(server.port, boto.ca)
    yield door
    assert server.is_running(), server.log_end()
    answer = Wire(server.port, boto.ca).send(signed(door, keys, CALLER_IDENTITY))
    assert answer.status == 200, answer.text


def read_all(connection: socket.socket | ssl.SSLSocket) -> bytes:
    """Until the server closes; a reset is a close too. A server that keeps silent fails by the socket's time-out."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except (ConnectionResetError, ssl.SSLError):
        pass
    return received


def status_of(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1."), answer[:200]
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'"text"', b"{} {}", b'{"a":1,}', b'{"a":"\xff"}', b"[" * 100_000, b'{"a":' * 5000, b"\0",
    b'{"a":1e99999}', b"{'a':1}", b'{"a":"\\ud800"}',
])  # fmt: skip
def test_malformed_json(wire: Wire, keys: Keys, body: bytes) -> None:
    answer = wire.send(signed(wire, keys, target("AWSOrganizationsV20161128.ListAccounts", body), service="organizations"))
    if body in (b"", b'{"a":1e99999}', b'{"a":"\\ud800"}') and answer.code != "SerializationException":
        assert answer.status < 500
    else:
        assert (answer.status, answer.code) == (400, "SerializationException"), answer.text


@pytest.mark.parametrize("body", ['{"Name":5}', '{"Name":{}}', '{"ParentId":["r-abcd"],"Name":"x"}', '{"Name":null,"ParentId":1}'])
def test_json_of_another_type(wire: Wire, keys: Keys, body: str) -> None:
    request = target("AWSOrganizationsV20161128.CreateOrganizationalUnit", body.encode())
    answer = wire.send(signed(wire, keys, request, service="organizations"))
    assert answer.status == 400 and answer.code in ("SerializationException", "ValidationException"), answer.text


@pytest.mark.parametrize("body", [
    "Action=GetCallerIdentity", "Version=2011-06-15", "Action=", "", "&&&&", "=", "Action=NoSuchThing&Version=2011-06-15",
    "Action=GetCallerIdentity&Version=1999-01-01", "Action=GetCallerIdentity&Action=AssumeRole&Version=2011-06-15",
    "Action=AssumeRole&Version=2011-06-15&Tags.member.99999999999999999999.Key=a", "<xml/>", "%", "%zz=1", "a=%f",
    "Action=AssumeRole&Version=2011-06-15&Tags.member.-1.Key=a", "Action=%00&Version=2011-06-15",
    "Action=AssumeRole&Version=2011-06-15&" + "&".join(f"Tags.member.{n}.Key=k{n}" for n in range(1, 20_000)),
])  # fmt: skip
def test_malformed_forms(wire: Wire, keys: Keys, body: str) -> None:
    answer = wire.send(signed(wire, keys, form(body)))
    assert 400 <= answer.status < 500 or "<GetCallerIdentityResult>" in answer.text, answer.text


def test_validation_text_is_awss(wire: Wire, keys: Keys) -> None:
    answer = wire.send(signed(wire, keys, form("Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=a")))
    assert (answer.status, answer.code) == (400, "ValidationError"), answer.text
    assert answer.message.startswith("2 validation errors detected: "), answer.text
    assert ("Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20"
            in answer.message)
    assert ("Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"
            in answer.message)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "", "application/x-amz-json-9.9"])
def test_wrong_content_type(wire: Wire, keys: Keys, kind: str) -> None:
    answer = wire.send(signed(wire, keys, CALLER_IDENTITY.with_header("Content-Type", kind)))
    assert answer.status < 500, answer.text
    json_call = target(DESCRIBE).with_header("Content-Type", kind)
    assert wire.send(signed(wire, keys, json_call, service="organizations")).status < 500


def test_unknown_target(wire: Wire, keys: Keys) -> None:
    for name in ("AWSOrganizationsV20161128.NoSuchOperation", "Nothing", ".", "A.B.C", ""):
        answer = wire.send(signed(wire, keys, target(name), service="organizations"))
        assert 400 <= answer.status < 500, answer.text
    answer = wire.send(signed(wire, keys, target("AWSOrganizationsV20161128.NoSuchOperation"), service="organizations"))
    assert answer.code == "UnknownOperationException", answer.text


def test_body_too_large(wire: Wire, keys: Keys) -> None:
    body = json.dumps({"Name": "x" * (2 * 1024 * 1024)}).encode()
    try:
        answer = wire.send(signed(wire, keys, target(DESCRIBE, body), service="organizations"))
        assert answer.status == 413, answer.text
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass  # refused while it was being sent


def test_headers_too_large(wire: Wire) -> None:
    big = Request("GET", "/healthz", [("X-Big", "x" * 64_000)])
    many = Request("GET", "/healthz", [(f"X-{number}", "y") for number in range(400)])
    for request in (big, many):
        try:
            assert wire.send(request).status == 431
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass


def test_target_too_long(wire: Wire) -> None:
    try:
        assert wire.send(Request("GET", "/" + "a" * 40_000)).status in (414, 431)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass


@pytest.mark.parametrize("text", [
    b"GET / HTTP/1.1\r\n\r\n",  # no Host
    b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"G\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
    b"CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com:443\r\n\r\n",  # inside TLS
])  # fmt: skip
def test_malformed_http1(wire: Wire, text: bytes) -> None:
    with wire.open_tls("http/1.1") as connection:
        connection.sendall(text)
        assert 400 <= status_of(read_all(connection)) <= 505


def test_unknown_host_is_misdirected(wire: Wire) -> None:
    assert wire.send(Request("GET", "/", [("Host", "evil.example")])).status == 421


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"SSH-2.0-x\r\n", b"\x00\x00\x00\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_plaintext_is_refused(wire: Wire, first: bytes) -> None:
    with wire.open_plain() as connection:
        connection.sendall(first)
        received = read_all(connection)
    assert received == b"" or status_of(received) == 400


@pytest.mark.parametrize("line", [
    "CONNECT example.com:443 HTTP/1.1", "CONNECT localhost:22 HTTP/1.1", "CONNECT 169.254.169.254:80 HTTP/1.1",
    "CONNECT sts.amazonaws.com:22 HTTP/1.1", "CONNECT sts.amazonaws.com.evil.example:443 HTTP/1.1", "CONNECT :443 HTTP/1.1",
    "CONNECT sts.amazonaws.com HTTP/1.1", "CONNECT sts.amazonaws.com:99999 HTTP/1.1", "CONNECT  HTTP/1.1",
    "CONNECT amazonaws.com:443 HTTP/1.1", "CONNECT evilamazonaws.com:443 HTTP/1.1", "CONNECT [::1]:443 HTTP/1.1",
])  # fmt: skip
def test_proxy_door_tunnels_nowhere(wire: Wire, line: str) -> None:
    with wire.open_plain() as connection:
        connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        received = read_all(connection)
    assert received == b"" or 400 <= status_of(received) < 600


def test_proxy_door_end_of_input_and_oversize(wire: Wire) -> None:
    for text in (b"CONNECT", b"C", b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost:"):
        with wire.open_plain() as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            read_all(connection)
    with wire.open_plain() as connection:
        try:
            connection.sendall(b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            return
        received = read_all(connection)
    assert received == b"" or 400 <= status_of(received) < 500


def test_tls_cut_short(wire: Wire) -> None:
    for text in (b"\x16", b"\x16\x03\x01\x02\x00\x01", b"\x16\x03\x01\xff\xff" + b"\x00" * 500, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"):
        with wire.open_plain() as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            read_all(connection)


def test_tls_1_1_is_refused(wire: Wire) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with wire.open_plain() as connection, pytest.raises((ssl.SSLError, ConnectionResetError)):
        context.wrap_socket(connection, server_hostname="localhost")


class Http2:
    """A hand-driven HTTP/2 connection that checks nothing of its own side."""

    def __init__(self, wire: Wire) -> None:
        self.socket = wire.open_tls("h2")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.authority = wire.host
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, validate_outbound_headers=False, normalize_outbound_headers=False))
        self.state.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.state.data_to_send())

    def headers(self, **changes: str) -> list[tuple[str, str]]:
        return list(({":method": "GET", ":scheme": "https", ":authority": self.authority, ":path": "/healthz"} | changes).items())

    def events(self) -> list[h2.events.Event]:
        """Everything until a stream or the connection ends."""
        seen: list[h2.events.Event] = []
        while not any(isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated)) for event in seen):
            data = self.socket.recv(65536)
            if not data:
                break
            seen += self.state.receive_data(data)
            self.flush()
        return seen


def test_http2_answers(wire: Wire) -> None:
    client = Http2(wire)
    client.state.send_headers(1, client.headers(), end_stream=True)
    client.flush()
    answers = [dict(event.headers) for event in client.events() if isinstance(event, h2.events.ResponseReceived)]
    assert len(answers) == 1 and {**answers[0]}.get(b":status", answers[0].get(":status")) in (b"200", "200")


@pytest.mark.parametrize("frame", [
    b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",  # WINDOW_UPDATE by 0
    b"\x00\x00\x08\x06\x00\x00\x00\x00\x01" + b"x" * 8,  # PING on a stream
    b"\x00\x00\x05\x04\x00\x00\x00\x00\x00" + b"x" * 5,  # SETTINGS of a wrong length
    b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",  # DATA larger than any limit
    b"\x00\x00\x01\x01\x04\x00\x00\x00\x02\x82",  # HEADERS on an even stream
    b"\x00\x00\x05\x01\x04\x00\x00\x00\x01\xff\xff\xff\xff\xff",  # HPACK nonsense
    b"\x00\x00\x01\x09\x04\x00\x00\x00\x01\x82",  # CONTINUATION without HEADERS
])  # fmt: skip
def test_http2_broken_frames_end_the_connection(wire: Wire, frame: bytes) -> None:
    client = Http2(wire)
    client.socket.sendall(frame)
    read_all(client.socket)


def test_http2_broken_requests(wire: Wire) -> None:
    broken = [
        [(":method", "GET"), (":path", "/")],  # no scheme, no authority
        [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "")],
        [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/"), ("Upper", "case")],
        [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/"), ("connection", "close")],
        [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")],
    ]
    for headers in broken:
        client = Http2(wire)
        client.state.send_headers(1, headers, end_stream=True)
        client.flush()
        for event in client.events():
            if isinstance(event, h2.events.ResponseReceived):
                status = {str(k, "ascii") if isinstance(k, bytes) else k: v for k, v in event.headers}[":status"]
                assert 400 <= int(status) < 500


def test_http2_rapid_reset(wire: Wire) -> None:
    """CVE-2023-44487: streams opened and reset at once. The connection may be ended; the server may not suffer."""
    client = Http2(wire)
    try:
        for number in range(1, 4001, 2):
            client.state.send_headers(number, client.headers(), end_stream=True)
            client.state.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
            client.flush()
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass
    client.socket.close()


def test_http2_header_flood(wire: Wire) -> None:
    """CVE-2024-27316: CONTINUATION frames without an end."""
    client = Http2(wire)
    try:
        client.socket.sendall(b"\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82")
        for _ in range(2000):
            client.socket.sendall(b"\x00\x10\x00\x09\x00\x00\x00\x00\x01" + b"\x00\x01a\x7f" * 1024)
        read_all(client.socket)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass


@pytest.mark.parametrize("path", [
    "/client/register", "/device_authorization", "/token", "/authorize", "/assignment/accounts", "/assignment/roles",
    "/federation/credentials", "/logout",
])  # fmt: skip
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"clientId":5}', b'{"clientName":null}', b"grantType=x"])
def test_sign_in_service(wire: Wire, path: str, body: bytes) -> None:
    method = "GET" if path.startswith(("/assignment", "/federation", "/authorize")) else "POST"
    for token in (None, "", "x" * 5000, "aoaAAAAA.BBBB"):
        headers = [("Content-Type", "application/json")] + ([("x-amz-sso_bearer_token", token)] if token is not None else [])
        answer = wire.send(Request(method, path, headers, body if method == "POST" else b""))
        assert 300 <= answer.status < 500, answer.text


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE = range(9)


def frame_kinds(received: bytes) -> list[int]:
    kinds = []
    while len(received) >= 9:
        kinds.append(received[3])
        received = received[9 + int.from_bytes(received[:3], "big"):]
    return kinds


def send_until_closed(client: Http2, pieces: Iterator[bytes]) -> bytes:
    """What the server says until it closes; it must."""
    try:
        for piece in pieces:
            client.socket.sendall(piece)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass
    return read_all(client.socket)


@pytest.mark.parametrize("flood", [
    frame(SETTINGS, 0, 0),
    frame(SETTINGS, 0, 0, b"\x00\x04\x00\x00\xff\xff"),
    frame(PING, 0, 0, b"12345678"),
    frame(PRIORITY, 0, 1, b"\x00\x00\x00\x00\x10"),
    frame(RST_STREAM, 0, 1, b"\x00\x00\x00\x08"),
    frame(HEADERS, 4, 1, b"\x82\x87\x84\x41\x01x") + frame(DATA, 0, 1) * 20_000,
], ids=["settings", "settings-window", "ping", "priority", "reset", "empty-data"])  # fmt: skip
def test_http2_floods_end_the_connection(wire: Wire, flood: bytes) -> None:
    """CVE-2019-9512, -9513, -9515, -9518: frames that cost work and carry nothing."""
    send_until_closed(Http2(wire), (flood * 1000 if len(flood) < 100 else flood for _ in range(100)))


@pytest.mark.parametrize("frames", [
    frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2,  # more than 2^31 - 1
    frame(SETTINGS, 0, 0, b"\x00\x04\xff\xff\xff\xff"),  # an initial window that large
    frame(SETTINGS, 0, 0, b"\x00\x05\x00\x00\x00\x01"),  # frames of one octet at most
    frame(SETTINGS, 0, 1, b""),  # on a stream
    frame(SETTINGS, 1, 0, b"\x00\x04\x00\x00\x00\x01"),  # an acknowledgement that says something
    frame(PUSH_PROMISE, 4, 1, b"\x00\x00\x00\x02\x82"),  # from a client
    frame(DATA, 0, 0, b"x"), frame(DATA, 0, 5, b"x"), frame(RST_STREAM, 0, 5, b"\x00\x00\x00\x00"),
    frame(HEADERS, 8 | 4, 1, b"\xff\x82"),  # more padding than there is
    frame(HEADERS, 0, 1, b"\x82") + frame(PING, 0, 0, b"12345678"),  # a header block that is interrupted
    frame(HEADERS, 4, 1, b"\x3f\xff\xff\xff\x7f\x82"),  # a table larger than was offered
], ids=lambda frames: frames[:14].hex())  # fmt: skip
def test_http2_errors_end_the_connection(wire: Wire, frames: bytes) -> None:
    answer = send_until_closed(Http2(wire), iter([frames]))
    assert answer == b"" or frame_kinds(answer)[-1] == GOAWAY


def test_http2_header_bombs(wire: Wire) -> None:
    """CVE-2016-6581: one large header in the table, named thousands of times by one octet each."""
    client = Http2(wire)
    stored = b"\x40\x01x\x7f\xe1\x1e" + b"a" * 4000  # literal with indexing: x: aaaa..
    block = b"\x82\x87\x84\x41\x01x" + stored + b"\xbe" * 8000
    received = send_until_closed(client, iter([frame(HEADERS, 5, 1, block), frame(PING, 0, 0, b"12345678") * 2000]))
    assert len(received) < 1_000_000


def test_http2_more_streams_than_offered(wire: Wire) -> None:
    """Those beyond the limit are refused; those within it are answered once the client completes them."""
    client = Http2(wire)
    for number in range(1, 2 * 600, 2):
        client.socket.sendall(frame(HEADERS, 4, number, b"\x83\x87\x84\x41\x01x"))  # POST without an end
    refused = 0
    try:
        while refused < 300:
            for event in client.state.receive_data(client.socket.recv(65536)):
                refused += isinstance(event, h2.events.StreamReset)
                if isinstance(event, h2.events.ConnectionTerminated):
                    return
    except (h2.exceptions.ProtocolError, ConnectionResetError, ssl.SSLError):
        return


def test_http2_windows_that_never_open(wire: Wire, keys: Keys) -> None:
    """Answers that the client lets nobody send wait, and nobody else waits for them."""
    clients = []
    for _ in range(20):
        client = Http2(wire)
        client.state.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0})
        for number in range(1, 101, 2):
            client.state.send_headers(number, client.headers(), end_stream=True)
        client.flush()
        clients.append(client)
    assert wire.send(signed(wire, keys, CALLER_IDENTITY)).status == 200
    for client in clients:
        client.socket.close()


def test_slow_clients_hold_up_nobody(wire: Wire, keys: Keys) -> None:
    """Some hundred connections that began a handshake, a CONNECT, a header or a body, and go on no further."""
    waiting: list[socket.socket] = []
    for number in range(120):
        if number % 4 < 2:
            plain = wire.open_plain()
            plain.sendall([b"\x16\x03\x01\x02", b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost:"][number % 4])
            waiting.append(plain)
        else:
            slow = wire.open_tls("http/1.1")
            slow.sendall([b"GET /healthz HTTP/1.1\r\nHost: loc",
                          b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nAction="][number % 4 - 2])
            waiting.append(slow)
    for _ in range(5):
        assert wire.send(signed(wire, keys, CALLER_IDENTITY)).status == 200
    for connection in waiting:
        connection.close()


def test_tls_cut_short_inside(wire: Wire) -> None:
    """The TCP connection ends in the middle of a record, a request, an HTTP/2 preface."""
    for protocol, text in (("http/1.1", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nAct"),
                           ("h2", b"PRI * HTTP/2.0\r\n\r\nSM"), ("h2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00"),
                           ("http/1.1", b"")):
        connection = wire.open_tls(protocol)
        connection.sendall(text)
        plain = socket.socket(fileno=connection.detach())
        plain.settimeout(20)
        plain.sendall(b"\x17\x03\x03\x40\x00" + b"half a record")
        plain.shutdown(socket.SHUT_WR)
        read_all(plain)
        plain.close()


@pytest.mark.parametrize("token", ["x", "A" * 100, "A" * 1900, "A" * 20_000, "%00", "é", "IQoJb3JpZ2luX2VjEB4aCXVz", "-_-_", "="])
def test_session_tokens_that_are_none(wire: Wire, keys: Keys, token: str) -> None:
    stolen = Keys(keys.access_key_id, keys.secret_access_key, token)
    for presign in (False, True):
        answer = wire.send(signed(wire, stolen, CALLER_IDENTITY if not presign else Request(
            "GET", "/?Action=GetCallerIdentity&Version=2011-06-15"), presign=presign))
        assert (answer.status, answer.code) in {(403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch"), (431, ""), (414, "")}, \
            answer.text


def test_a_session_of_another_house_is_nobody_here(wire: Wire, fresh_server: Server, tmp_path: Path) -> None:
    other = Boto(fresh_server, tmp_path)
    session = Keys.from_response(other.client("sts").get_session_token()["Credentials"])
    assert other.client("sts", session).get_caller_identity()
    answer = wire.send(signed(wire, session, CALLER_IDENTITY))
    assert (answer.status, answer.code) == (403, "InvalidClientTokenId"), answer.text


@pytest.mark.parametrize("path", ["/webhook/", "/webhook/x/authenticate", "/webhook/../x/authenticate", "/webhook/" + "a" * 5000 + "/authenticate"])
@pytest.mark.parametrize("bearer", [None, "Bearer ", "Bearer x", "Basic eDp5", "Bearer " + "x" * 9000])
def test_webhooks_know_no_stranger(wire: Wire, path: str, bearer: str | None) -> None:
    review = b'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"k8s-aws-v1.aHR0cHM6"}}'
    answer = wire.send(Request("POST", path, [("Authorization", bearer)] if bearer else [], review))
    assert answer.status in (401, 404), answer.text


@pytest.mark.parametrize("cookie", ["__Host-session=", "__Host-session=" + "x" * 4000, "a=b; " * 500, "=; ;;;", "__Host-session=\u00e9"])
def test_cookies_that_are_none(wire: Wire, cookie: str) -> None:
    for path in ("/start", "/account", "/device", "/authorize?client_id=x", "/invitation?token=x", "/verify-email?token=%00"):
        assert 200 <= wire.send(Request("GET", path, [("Cookie", cookie)])).status < 500, path
