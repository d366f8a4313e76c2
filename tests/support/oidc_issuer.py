"""An OpenID Connect issuer of a test's own: discovery and keys over HTTPS, tokens signed by hand."""

import base64
import datetime
import http.server
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from server import Server


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class OidcIssuer:
    """`url` is what tokens name as `iss`; `authority` the file that its certificate is checked with."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "issuer-authority.pem"
        self.requests: list[str] = []
        self.is_down = False
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = folder / "issuer.pem"
        self._make_certificate(certificate)
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(self.path)
                document = None if issuer.is_down else issuer.documents().get(self.path)
                self.send_response(200 if document else 503)
                self.end_headers()
                self.wfile.write(json.dumps(document or {}).encode())

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.name = f"127.0.0.1:{self._server.server_address[1]}/realms/test"
        self.url = f"https://{self.name}"

    def documents(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        return {"/realms/test/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
                "/realms/test/keys": {"keys": [{"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256",
                                                "n": _number(numbers.n), "e": _number(numbers.e)}]}}

    def token(self, *, signed_by: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        """A token for an hour unless the claims say otherwise; None leaves a claim out."""
        now = int(datetime.datetime.now(datetime.UTC).timestamp())
        said = {"iss": self.url, "sub": "subject", "aud": "sts.amazonaws.com", "iat": now, "exp": now + 3600, **claims}
        parts = [{"alg": "RS256", "kid": "one", "typ": "JWT"}, {name: value for name, value in said.items() if value is not None}]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = (signed_by or self._key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{base64url(signature)}"

    def _make_certificate(self, into: Path) -> None:
        """One that signs itself: its own authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer of a test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                       .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                       .not_valid_after(now + datetime.timedelta(days=1))
                       .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                       .add_extension(x509.BasicConstraints(ca=True, path_length=0), True).sign(key, hashes.SHA256()))
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.authority.write_bytes(pem)
        into.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                 serialization.NoEncryption()))

    @contextmanager
    def running(self) -> Iterator["OidcIssuer"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def server_that_trusts(issuer: OidcIssuer, folder: Path) -> Iterator[Server]:
    """A running server whose configuration names the issuer's authority."""
    server = Server(folder / "home", folder / "clients")
    server.init()
    configuration = server.home / "sekisho.yaml"
    configuration.write_text(configuration.read_text(encoding="utf-8") + f"\noidc:\n  ca-file: {issuer.authority}\n",
                             encoding="utf-8")
    server.start()
    yield server
    server.stop()
