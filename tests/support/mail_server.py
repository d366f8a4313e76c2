"""A real SMTP server (aiosmtpd) on a free port of loopback, with a certificate of its own authority."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "sekisho", "Mail-Relay-77!"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> Path:
    """One PEM file that is key, certificate and, to whoever trusts it, authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail test")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                   .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256()))
    path = folder / "mail-server.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()) + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class MailServer:
    """`refuse` is asked for each recipient with how often that one was asked for; it gives a reply, or nothing."""

    port: int = field(default_factory=free_port)
    taken: list[Envelope] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    signed_in: list[bool] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuse: Callable[[str, int], str | None] = lambda recipient, count: None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        self.asked[address] = self.asked.get(address, 0) + 1
        reply = self.refuse(address, self.asked[address])
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        self.signed_in.append(bool(session.authenticated))
        self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None)
        return "250 taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)


@contextmanager
def mail_server(certificate: Path | None = None, *, implicit: bool = False, sign_in: bool = False) -> Iterator[MailServer]:
    """With a certificate: STARTTLS, or TLS from the first byte; `sign_in` demands it before any mail."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    mail = MailServer()
    options = {"authenticator": mail.authenticate, "auth_required": sign_in, "auth_require_tls": not implicit}
    controller = Controller(mail, hostname="127.0.0.1", port=mail.port, ready_timeout=20,
                            ssl_context=context if implicit else None,
                            **(options if sign_in else {}),
                            **({"tls_context": context, "require_starttls": True} if context and not implicit else {}))
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()
