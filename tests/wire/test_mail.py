"""Invitations by SMTP, through a real mail server: plain on loopback, STARTTLS, implicit TLS, sign-in, refusals, and what
an attacker would put into names and addresses."""

import email
import email.message
import email.policy
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from administration import Administration, Directory, wait_until
from botocore.exceptions import ClientError
from clients import Boto
from mail_server import PASSWORD, USER, MailServer, mail_server, make_certificate
from server import Server

HEADERS = ["Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]


@dataclass
class House:
    server: Server
    administration: Administration
    directory: Directory

    def invite(self, address: str, **names: str) -> None:
        user = self.administration.identities.create_user(
            IdentityStoreId=self.directory.identity_store_id, UserName=names.get("user", address.partition("@")[0]),
            DisplayName=names.get("display", "Some One"), Name={"GivenName": "Some", "FamilyName": "One"},
            Emails=[{"Value": address, "Type": "work", "Primary": True}])["UserId"]
        self.administration.sekisho.invite_user(IdentityStoreId=self.directory.identity_store_id, UserId=user)

    def state(self, address: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.administration.sekisho.list_mail(To=address)["Mail"]
        assert len(found) == 1, found
        return found[0]

    def wait_for(self, address: str, state: str) -> dict[str, Any]:
        return dict(wait_until(f"mail to {address} is {state}",
                               lambda: self.state(address) if self.state(address)["State"] == state else None))

    def wait_for_reason(self, address: str) -> str:
        return str(wait_until(f"a reason why mail to {address} was not sent",
                              lambda: self.state(address).get("FailureReason")))


@contextmanager
def house(folder: Path, **smtp: str | int | Path) -> Iterator[House]:
    """A server whose mail goes out by these settings."""
    server = Server(folder / "home", folder / "clients")
    server.init()
    file = folder / "sekisho.yaml"
    file.write_text("smtp:\n" + "".join(f"  {name.replace('_', '-')}: {value}\n" for name, value in smtp.items()))
    server.start("--config", str(file))
    try:
        boto = Boto(server, folder)
        boto.client("organizations").create_organization(FeatureSet="ALL")
        administration = Administration(boto)
        yield House(server, administration, administration.enable_identity_center())
        assert server.is_running(), server.log_end()
    finally:
        if server.is_running():
            server.stop()


@pytest.fixture(scope="module")
def certificate(module_folder: Path) -> Path:
    return make_certificate(module_folder)


@pytest.fixture(scope="module")
def plain(module_folder: Path) -> Iterator[tuple[House, MailServer]]:
    with mail_server() as mail, house(module_folder, host="localhost", port=mail.port, tls="none") as made:
        yield made, mail


def mail_to(mail: MailServer, address: str) -> email.message.EmailMessage:
    found = [envelope for envelope in mail.taken if envelope.rcpt_tos == [address]]
    assert len(found) == 1, [envelope.rcpt_tos for envelope in mail.taken]
    content = found[0].original_content
    assert content is not None and b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    parsed = email.message_from_string(content.decode(), policy=email.policy.SMTPUTF8)
    assert isinstance(parsed, email.message.EmailMessage) and parsed.defects == []
    assert sorted(parsed.keys()) == HEADERS
    return parsed


def body(parsed: email.message.EmailMessage, kind: str) -> str:
    part = parsed.get_body(preferencelist=(kind,))
    assert part is not None and part.get_content_type() == f"text/{kind}"
    return str(part.get_content())


def test_a_mail_is_well_formed(plain: tuple[House, MailServer]) -> None:
    made, mail = plain
    made.invite("first@example.com")
    sent = made.wait_for("first@example.com", "SENT")
    assert sent["SentDate"] >= sent["CreatedDate"] and "FailureReason" not in sent
    parsed = mail_to(mail, "first@example.com")
    assert parsed["From"].addresses[0].addr_spec == "no-reply@localhost"
    assert parsed["To"].addresses[0].addr_spec == "first@example.com"
    assert parsed["Subject"] == "Invitation to join IAM Identity Center"
    assert parsed["Date"].datetime.tzinfo is not None
    assert re.fullmatch(r"<[^<>@\s]+@localhost>", parsed["Message-ID"])
    assert parsed.get_content_type() == "multipart/alternative" and parsed["Content-Language"] == "en"
    text = body(parsed, "plain")
    link = re.search(r"https://localhost:\d+/invitation\?token=\S+", text)
    assert link and "Hello Some One," in text
    # The HTML says the same, and loads nothing.
    html = body(parsed, "html")
    assert f'href="{link.group(0)}"' in html and "Hello Some One," in html
    assert not re.search(r"<(script|img|link|iframe)|url\(", html)
    listed = made.server.command("mail").stdout
    assert re.search(r"sent\s+first@example\.com\s+Invitation", listed), listed
    assert link.group(0) in made.server.command("mail", "show", sent["MailId"]).stdout
    # The link is a secret: mail keeps it sealed, and nothing else shows it.
    assert link.group(0) not in made.server.log.read_text()


def test_names_of_any_language(plain: tuple[House, MailServer]) -> None:
    made, mail = plain
    made.invite("names@example.com", user="jürgen", display="Zoë 管理者 Ægir")
    made.wait_for("names@example.com", "SENT")
    text = body(mail_to(mail, "names@example.com"), "plain")
    assert "Hello Zoë 管理者 Ægir," in text and "Your user name: jürgen" in text


def test_addresses_of_any_language(plain: tuple[House, MailServer]) -> None:
    """RFC 6531: this mail server speaks SMTPUTF8."""
    made, mail = plain
    made.invite("josé@example.com", user="jose")
    made.wait_for("josé@example.com", "SENT")
    assert mail_to(mail, "josé@example.com")["To"].addresses[0].addr_spec == "josé@example.com"


@pytest.mark.parametrize(("number", "display"), enumerate([
    "x\r\nBcc: victim@example.com", "x\nSubject: other\n\nother text", "x\r\n.\r\nMAIL FROM:<a@example.com>", "=?UTF-8?B?QmNj?=",
]))  # fmt: skip
def test_names_make_no_headers_and_no_commands(plain: tuple[House, MailServer], number: int, display: str) -> None:
    made, mail = plain
    address = f"injected{number}@example.com"
    before = len(mail.taken)
    try:
        made.invite(address, display=display)
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "ValidationException"
        return
    made.wait_for(address, "SENT")
    parsed = mail_to(mail, address)
    assert parsed["Subject"] == "Invitation to join IAM Identity Center"
    assert parsed["To"].addresses[0].addr_spec == address
    assert len(mail.taken) == before + 1 and mail.taken[-1].mail_from == "no-reply@localhost"


@pytest.mark.parametrize("address", [
    "a@example.com\r\nBcc: victim@example.com", "a@example.com>\r\nRCPT TO:<victim@example.com", "a b@example.com",
    "<a@example.com>", "a@example.com, victim@example.com", "a@example.com\0", "victim@example.com;a@example.com",
])  # fmt: skip
def test_addresses_make_no_recipients(plain: tuple[House, MailServer], address: str) -> None:
    """Refused when the user is made, or at the latest when the mail would leave."""
    made, mail = plain
    before = len(mail.taken)
    try:
        made.invite(address, user=f"user{abs(hash(address))}")
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "ValidationException", refused
        return
    reason = wait_until("refused or sent", lambda: made.state(address).get("FailureReason") or len(mail.taken) > before)
    assert "malformed mail address" in str(reason) or "RCPT failed: 501" in str(reason), mail.taken[-1].rcpt_tos


def test_a_mailbox_that_does_not_exist_is_a_bounce(plain: tuple[House, MailServer]) -> None:
    made, mail = plain
    mail.refuse = lambda recipient, count: "550 5.1.1 no such user" if recipient.startswith("nobody") else None
    made.invite("nobody@example.com")
    refused = made.wait_for("nobody@example.com", "FAILED")
    assert "550" in refused["FailureReason"] and "SentDate" not in refused
    listed = made.server.command("mail").stdout
    assert re.search(r"failed\s+nobody@example\.com.*\n\s+.*550", listed), listed
    assert "failed, " in made.server.command("mail", "show", refused["MailId"]).stdout
    assert refused["Attempts"] == 1
    # Where the person is looked at, too.
    user = made.administration.identities.get_user_id(
        IdentityStoreId=made.directory.identity_store_id,
        AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "nobody"}})["UserId"]
    last = made.administration.sekisho.describe_user_sign_in(
        IdentityStoreId=made.directory.identity_store_id, UserId=user)["LastMail"]
    assert last["State"] == "FAILED" and "550" in last["FailureReason"]
    # A refusal for good is not tried again, while others are.
    made.invite("after@example.com")
    made.wait_for("after@example.com", "SENT")
    assert mail.asked["nobody@example.com"] == 1


def test_a_mail_that_comes_back_later_is_reported(plain: tuple[House, MailServer]) -> None:
    made, _ = plain
    made.invite("gone@example.com")
    sent = made.wait_for("gone@example.com", "SENT")
    made.administration.sekisho.report_mail_bounce(MailId=sent["MailId"], Reason="Mailbox is gone (5.1.6)")
    bounced = made.state("gone@example.com")
    assert bounced["State"] == "BOUNCED" and bounced["FailureReason"] == "Mailbox is gone (5.1.6)"
    assert re.search(r"bounced\s+gone@example\.com.*\n\s+Mailbox is gone", made.server.command("mail").stdout)


def test_mail_in_japanese(plain: tuple[House, MailServer]) -> None:
    made, mail = plain
    place = {"IdentityStoreId": made.directory.identity_store_id}
    user = made.administration.identities.create_user(
        **place, UserName="taro", DisplayName="山田 太郎", Name={"GivenName": "太郎", "FamilyName": "山田"},
        PreferredLanguage="ja-JP", Emails=[{"Value": "taro@example.com", "Type": "work", "Primary": True}])["UserId"]
    made.administration.sekisho.invite_user(**place, UserId=user)
    assert made.wait_for("taro@example.com", "SENT")["Language"] == "JA"
    parsed = mail_to(mail, "taro@example.com")
    assert parsed["Subject"] == "IAM Identity Center への招待" and parsed["Content-Language"] == "ja"
    assert "山田 太郎 様" in body(parsed, "plain") and "ユーザー名: taro" in body(parsed, "html")


def test_a_busy_server_is_tried_again(plain: tuple[House, MailServer]) -> None:
    made, mail = plain
    mail.refuse = lambda recipient, count: "451 4.3.0 try later" if recipient.startswith("later") and count < 3 else None
    made.invite("later@example.com")
    assert "451" in made.wait_for_reason("later@example.com")
    assert made.state("later@example.com")["State"] == "OUTBOX"
    made.invite("meanwhile@example.com")
    made.wait_for("meanwhile@example.com", "SENT")
    sent = made.wait_for("later@example.com", "SENT")
    assert "FailureReason" not in sent and mail.asked["later@example.com"] == 3
    mail_to(mail, "later@example.com")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_encrypted_and_signed_in(tmp_path: Path, certificate: Path, tls: str) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o600)
    settings = {"host": "localhost", "tls": tls, "user": USER, "password_file": password, "ca_file": certificate,
                "from": "sso@example.org"}
    with mail_server(certificate, implicit=tls == "implicit", sign_in=True) as mail, \
            house(tmp_path, port=mail.port, **settings) as made:
        made.invite("safe@example.com")
        made.wait_for("safe@example.com", "SENT")
        assert set(mail.signed_in) == {True} and set(mail.encrypted) == {True}
        assert mail_to(mail, "safe@example.com")["From"].addresses[0].addr_spec == "sso@example.org"
        assert PASSWORD not in made.server.log.read_text()


def test_a_wrong_password_is_told_and_kept_secret(tmp_path: Path, certificate: Path) -> None:
    password = tmp_path / "password"
    password.write_text("Not-The-Password-1")
    password.chmod(0o600)
    settings = {"host": "localhost", "tls": "starttls", "user": USER, "password_file": password, "ca_file": certificate}
    with mail_server(certificate, sign_in=True) as mail, house(tmp_path, port=mail.port, **settings) as made:
        made.invite("locked@example.com")
        assert "denied" in made.wait_for_reason("locked@example.com").lower()
        assert mail.taken == [] and made.state("locked@example.com")["State"] == "OUTBOX"
        assert "Not-The-Password-1" not in made.server.log.read_text() + str(made.state("locked@example.com"))


def test_no_mail_leaves_for_a_server_that_is_not_trusted(tmp_path: Path, certificate: Path) -> None:
    with mail_server(certificate) as mail, house(tmp_path, host="localhost", port=mail.port, tls="starttls") as made:
        made.invite("stranger@example.com")
        assert "certificate" in made.wait_for_reason("stranger@example.com").lower()
        assert mail.taken == [] and mail.asked == {}


def test_no_mail_leaves_unencrypted_where_starttls_is_demanded(tmp_path: Path) -> None:
    with mail_server() as mail, house(tmp_path, host="localhost", port=mail.port, tls="starttls") as made:
        made.invite("stripped@example.com")
        made.wait_for_reason("stripped@example.com")
        assert mail.taken == [] and mail.asked == {}


def test_mail_waits_across_a_restart(tmp_path: Path) -> None:
    with mail_server() as mail:
        mail.refuse = lambda recipient, count: "451 later" if count < 2 else None
        with house(tmp_path, host="localhost", port=mail.port, tls="none") as made:
            made.invite("patient@example.com")
            made.wait_for_reason("patient@example.com")
        made.server.start("--config", str(tmp_path / "sekisho.yaml"))
        made.administration = Administration(Boto(made.server, tmp_path))
        made.wait_for("patient@example.com", "SENT")
        made.server.stop()
        mail_to(mail, "patient@example.com")


@pytest.mark.parametrize(("settings", "says"), [
    ("password-file: /nowhere/password", "smtp.password-file: /nowhere/password cannot be read"),
    ("ca-file: /nowhere/ca.pem", "smtp.ca-file: /nowhere/ca.pem cannot be read"),
    ("tls: maybe", "smtp.tls must be one of: starttls, implicit, none"),
])  # fmt: skip
def test_wrong_settings_are_named_at_the_start(tmp_path: Path, settings: str, says: str) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    file = tmp_path / "sekisho.yaml"
    file.write_text(f"smtp:\n  host: localhost\n  {settings}\n")
    run: subprocess.CompletedProcess[str] = server.command("serve", "--config", str(file), "--listen", "127.0.0.1:0", check=False)
    assert run.returncode == 1 and says in run.stderr, run.stderr
