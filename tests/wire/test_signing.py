"""Signatures that botocore makes, thrown at GetCallerIdentity (query), DescribeOrganization (awsJson) and ListClusters
(rest-json): the lawful ones pass, each other one gets AWS's own code, status and text."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from clients import Boto, Keys, default_keys
from raw import CALLER_IDENTITY, CALLER_IDENTITY_QUERY, Answer, Request, Wire, form, signed, target
from server import Server

MISMATCH = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
            "Key and signing method. Consult the service documentation for details.")
INVALID_TOKEN = "The security token included in the request is invalid."
EXPIRED = re.compile(r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)")
NOT_YET = re.compile(r"Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ \d+ min\.\)")


@pytest.fixture(scope="module")
def keys(boto: Boto) -> Keys:
    return default_keys(boto.environment)


@pytest.fixture(scope="module")
def wire(server: Server, boto: Boto) -> Wire:
    return Wire(server.port, boto.ca)


def assert_refused(answer: Answer, status: int, code: str, message: str | re.Pattern[str]) -> None:
    assert (answer.status, answer.code) == (status, code), answer.text
    assert message.fullmatch(answer.message) if isinstance(message, re.Pattern) else answer.message == message, answer.text


def assert_identity(answer: Answer) -> None:
    assert answer.status == 200, answer.text
    assert re.search(r"<Arn>arn:aws:iam::\d{12}:user/[^<]+</Arn>", answer.text)


def assert_signature_accepted(answer: Answer) -> None:
    """The signature was right; what the service thinks of the request itself is another matter."""
    assert answer.code not in {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
                               "IncompleteSignatureException", "MissingAuthenticationToken"}, answer.text
    assert answer.status < 500, answer.text


class TestLawful:
    def test_header(self, wire: Wire, keys: Keys) -> None:
        assert_identity(wire.send(signed(wire, keys, CALLER_IDENTITY)))

    def test_header_with_get(self, wire: Wire, keys: Keys) -> None:
        assert_identity(wire.send(signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"))))

    def test_presigned(self, wire: Wire, keys: Keys) -> None:
        assert_identity(wire.send(signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), presign=True)))

    def test_presigned_expires_is_ignored_by_sts(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), presign=True, expires=1,
                         at=timedelta(minutes=-2))
        assert_identity(wire.send(request))

    def test_session_credentials(self, wire: Wire, boto: Boto) -> None:
        session = Keys.from_response(boto.client("sts").get_session_token()["Credentials"])
        for presign in (False, True):
            assert_identity(wire.send(signed(wire, session, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), presign=presign)))

    @pytest.mark.parametrize("extra", [
        "b=2&a=1",  # order
        "a=2&a=1&a=10",  # repeated names, sorted by value
        "a=&b&c=",  # empty values and a name alone
        "%E6%97%A5%E6%9C%AC=%E8%AA%9E",  # unicode
        "a=%20&b=%2B&c=%2F&d=%7E~",  # characters that are escaped, and one that is not
        "A=1&a=2&%41=3",
        "a=%25%32%30",
    ])  # fmt: skip
    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_query_values(self, wire: Wire, keys: Keys, extra: str, presign: bool) -> None:
        request = Request("GET", f"/?{CALLER_IDENTITY_QUERY}&{extra}")
        assert_signature_accepted(wire.send(signed(wire, keys, request, presign=presign)))

    @pytest.mark.parametrize("path", [
        "/clusters", "/clusters/", "/./clusters", "/clusters/../clusters", "//clusters//x", "/clusters/%E3%81%82",
        "/clusters/a%20b", "/clusters/a%2Fb", "/clusters/-._~", "/clusters/%2D", "/clusters/a:b@c",
    ])  # fmt: skip
    def test_path_normalisation(self, wire: Wire, keys: Keys, path: str) -> None:
        assert_signature_accepted(wire.send(signed(wire, keys, Request("GET", path), service="eks")))

    @pytest.mark.parametrize("value", ["  a   b  ", "\u65e5\u672c".encode().decode("latin-1"), "", "a,b, c"])
    def test_header_values(self, wire: Wire, keys: Keys, value: str) -> None:
        request = Request("GET", f"/?{CALLER_IDENTITY_QUERY}", [("X-Custom", value)])
        assert_signature_accepted(wire.send(signed(wire, keys, request)))

    @pytest.mark.parametrize("minutes", [-14, 14])
    def test_skew_within_fifteen_minutes(self, wire: Wire, keys: Keys, minutes: int) -> None:
        assert_signature_accepted(wire.send(signed(wire, keys, CALLER_IDENTITY, at=timedelta(minutes=minutes))))

    def test_any_region(self, wire: Wire, keys: Keys) -> None:
        for region in ("us-east-1", "ap-northeast-1", "eu-central-2"):
            assert_identity(wire.send(signed(wire, keys, CALLER_IDENTITY, region=region)))


def without(name: str) -> Callable[[str], str]:
    return lambda value: re.sub(rf"{name}=[^,]*,? ?", "", value).rstrip(", ")


class TestRefused:
    def test_unsigned(self, wire: Wire) -> None:
        assert_refused(wire.send(CALLER_IDENTITY), 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        answer = wire.send(target("AWSOrganizationsV20161128.DescribeOrganization"))
        assert_refused(answer, 400, "MissingAuthenticationTokenException", "Missing Authentication Token")
        assert_refused(wire.send(Request("GET", "/clusters")), 403, "MissingAuthenticationTokenException",
                       "Missing Authentication Token")

    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_unknown_key(self, wire: Wire, keys: Keys, presign: bool) -> None:
        unknown = Keys("AKIAQAAAAAAAGMKEM7X5", keys.secret_access_key)
        get = Request("GET", f"/?{CALLER_IDENTITY_QUERY}")
        assert_refused(wire.send(signed(wire, unknown, get, presign=presign)), 403, "InvalidClientTokenId", INVALID_TOKEN)

    def test_unknown_key_in_other_protocols(self, wire: Wire, keys: Keys) -> None:
        unknown = Keys("AKIAQAAAAAAAGMKEM7X5", keys.secret_access_key)
        answer = wire.send(signed(wire, unknown, target("AWSOrganizationsV20161128.DescribeOrganization"), service="organizations"))
        assert_refused(answer, 400, "UnrecognizedClientException", INVALID_TOKEN)
        answer = wire.send(signed(wire, unknown, Request("GET", "/clusters"), service="eks"))
        assert_refused(answer, 403, "UnrecognizedClientException", INVALID_TOKEN)

    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_wrong_secret(self, wire: Wire, keys: Keys, presign: bool) -> None:
        wrong = Keys(keys.access_key_id, "x" * 40)
        get = Request("GET", f"/?{CALLER_IDENTITY_QUERY}")
        assert_refused(wire.send(signed(wire, wrong, get, presign=presign)), 403, "SignatureDoesNotMatch", MISMATCH)

    def test_wrong_secret_in_other_protocols(self, wire: Wire, keys: Keys) -> None:
        wrong = Keys(keys.access_key_id, "x" * 40)
        answer = wire.send(signed(wire, wrong, target("AWSOrganizationsV20161128.DescribeOrganization"), service="organizations"))
        assert_refused(answer, 400, "InvalidSignatureException", MISMATCH)
        assert_refused(wire.send(signed(wire, wrong, Request("GET", "/clusters"), service="eks")), 403,
                       "InvalidSignatureException", MISMATCH)

    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_broken_session_token(self, wire: Wire, boto: Boto, presign: bool) -> None:
        good = Keys.from_response(boto.client("sts").get_session_token()["Credentials"])
        assert good.session_token
        flipped = good.session_token[:40] + ("A" if good.session_token[40] != "A" else "B") + good.session_token[41:]
        get = Request("GET", f"/?{CALLER_IDENTITY_QUERY}")
        for token in (flipped, good.session_token[:-8], "FwoGZXIvYXdzEBYaDK", None):
            broken = Keys(good.access_key_id, good.secret_access_key, token)
            assert_refused(wire.send(signed(wire, broken, get, presign=presign)), 403, "InvalidClientTokenId", INVALID_TOKEN)

    def test_session_token_of_other_keys(self, wire: Wire, boto: Boto) -> None:
        sts = boto.client("sts")
        one, two = (Keys.from_response(sts.get_session_token()["Credentials"]) for _ in range(2))
        mixed = Keys(one.access_key_id, one.secret_access_key, two.session_token)
        assert wire.send(signed(wire, mixed, CALLER_IDENTITY)).status == 403

    @pytest.mark.parametrize("tamper", [
        lambda request: Request("POST", "/", request.headers, request.body + b"&x=1"),
        lambda request: Request("POST", "/?x=1", request.headers, request.body),
        lambda request: Request("GET", f"/?{CALLER_IDENTITY_QUERY}", request.headers),
        lambda request: request.with_header("Host", "sts.us-east-1.amazonaws.com"),
        lambda request: request.with_header("Content-Type", "application/x-www-form-urlencoded"),
    ], ids=["body", "query", "method", "host", "signed-header"])  # fmt: skip
    def test_tampered(self, wire: Wire, keys: Keys, tamper: Callable[[Request], Request]) -> None:
        request = signed(wire, keys, Request("POST", "/", [*CALLER_IDENTITY.headers], CALLER_IDENTITY.body))
        assert_refused(wire.send(tamper(request)), 403, "SignatureDoesNotMatch", MISMATCH)

    def test_tampered_presigned(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), presign=True)
        for changed in (request.target + "&x=1", request.target.replace("X-Amz-Expires=900", "X-Amz-Expires=901")):
            assert changed != request.target
            assert_refused(wire.send(Request("GET", changed)), 403, "SignatureDoesNotMatch", MISMATCH)

    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_too_old(self, wire: Wire, keys: Keys, presign: bool) -> None:
        request = signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), at=timedelta(minutes=-16), presign=presign)
        assert_refused(wire.send(request), 403, "SignatureDoesNotMatch", EXPIRED)

    @pytest.mark.parametrize("presign", [False, True], ids=["header", "presigned"])
    def test_from_the_future(self, wire: Wire, keys: Keys, presign: bool) -> None:
        request = signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), at=timedelta(minutes=16), presign=presign)
        assert_refused(wire.send(request), 403, "SignatureDoesNotMatch", NOT_YET)

    def test_scope_of_another_service(self, wire: Wire, keys: Keys) -> None:
        answer = wire.send(signed(wire, keys, target("AWSOrganizationsV20161128.DescribeOrganization"), service="iam"))
        assert answer.status in (400, 403)
        assert "Credential should be scoped to correct service: 'organizations'." in answer.message, answer.text

    def test_scope_of_no_region(self, wire: Wire, keys: Keys) -> None:
        answer = wire.send(signed(wire, keys, CALLER_IDENTITY, region="nowhere"))
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch"), answer.text
        assert answer.message.startswith("Credential should be scoped to a valid region."), answer.text

    def test_scope_of_another_day(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        moved = re.sub(r"/\d{8}/", "/20200101/", request.header("Authorization"))
        answer = wire.send(request.with_header("Authorization", moved))
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch"), answer.text
        assert answer.message.startswith("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                                         "from HTTP"), answer.text

    def test_scope_with_another_end(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        ended = request.header("Authorization").replace("/aws4_request", "/aws4_reply")
        answer = wire.send(request.with_header("Authorization", ended))
        assert "Credential should be scoped with a valid terminator: 'aws4_request'" in answer.message, answer.text

    @pytest.mark.parametrize("part", ["Credential", "Signature", "SignedHeaders"])
    def test_part_missing(self, wire: Wire, keys: Keys, part: str) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        answer = wire.send(request.with_header("Authorization", without(part)(request.header("Authorization"))))
        assert (answer.status, answer.code) == (400, "IncompleteSignature"), answer.text
        assert answer.message.startswith(f"Authorization header requires '{part}' parameter."), answer.text

    def test_date_missing(self, wire: Wire, keys: Keys) -> None:
        answer = wire.send(signed(wire, keys, CALLER_IDENTITY).with_header("X-Amz-Date", None))
        assert (answer.status, answer.code) == (400, "IncompleteSignature"), answer.text
        assert "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header." in answer.message

    def test_date_malformed(self, wire: Wire, keys: Keys) -> None:
        for bad in ("yesterday", "20261124", "2026-11-24T00:00:00Z", "20261331T000000Z"):
            answer = wire.send(signed(wire, keys, CALLER_IDENTITY).with_header("X-Amz-Date", bad))
            assert_refused(answer, 400, "IncompleteSignature", f"Date must be in ISO-8601 'basic format'. Got '{bad}'. "
                           "See http://en.wikipedia.org/wiki/ISO_8601")

    def test_credential_of_four_parts(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        cut = request.header("Authorization").replace("/aws4_request", "")
        answer = wire.send(request.with_header("Authorization", cut))
        assert (answer.status, answer.code) == (400, "IncompleteSignature"), answer.text
        assert answer.message.startswith("Credential must have exactly 5 slash-delimited elements, e.g. "
                                         "keyid/date/region/service/term, got '"), answer.text

    def test_not_key_value(self, wire: Wire, keys: Keys) -> None:
        answer = wire.send(signed(wire, keys, CALLER_IDENTITY).with_header("Authorization", "AWS4-HMAC-SHA256 nonsense"))
        assert (answer.status, answer.code) == (400, "IncompleteSignature"), answer.text
        assert "not a valid key=value pair (missing equal-sign) in Authorization header" in answer.message

    def test_host_must_be_signed(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        less = request.header("Authorization").replace(";host", "").replace("host;", "")
        assert less != request.header("Authorization")
        assert wire.send(request.with_header("Authorization", less)).code in ("SignatureDoesNotMatch", "IncompleteSignature")

    def test_unsigned_amz_header_is_refused(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY).with_header("X-Amz-Added-Later", "1")
        assert wire.send(request).code in ("SignatureDoesNotMatch", "IncompleteSignature")

    def test_unsigned_payload_is_refused(self, wire: Wire, keys: Keys) -> None:
        request = form("Action=GetCallerIdentity&Version=2011-06-15").with_header("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")
        assert_refused(wire.send(signed(wire, keys, request)), 403, "SignatureDoesNotMatch", MISMATCH)

    def test_two_authorization_headers(self, wire: Wire, keys: Keys) -> None:
        request = signed(wire, keys, CALLER_IDENTITY)
        request.headers.append(("Authorization", request.header("Authorization")))
        assert wire.send(request).status in (400, 403)

    def test_signature_in_both_places(self, wire: Wire, keys: Keys) -> None:
        presigned = signed(wire, keys, Request("GET", f"/?{CALLER_IDENTITY_QUERY}"), presign=True)
        both = signed(wire, keys, presigned)
        assert wire.send(both).status in (400, 403)
