"""Attacks on the pages that people sign in through, byte for byte: planted sessions, forged and framed forms, addresses
that lead away, guesses, and answers that tell nothing. What needs a security key's own signature is tried in
src/services/sekisho/security_keys_test.cc and tests/browser/test_people.py."""

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from administration import Administration, Directory
from clients import Boto
from forms import SESSION, Client, enter, hidden
from raw import Answer, Wire
from server import ROOT, Server

PASSWORD = "Quiet-Harbour-42!"


@dataclass
class House:
    wire: Wire
    administration: Administration
    directory: Directory

    def client(self) -> Client:
        return Client(self.wire)

    def person(self, name: str) -> dict[str, str]:
        user = self.administration.invite_user(self.directory, name, f"{name}@example.com")
        place = {"IdentityStoreId": self.directory.identity_store_id, "UserId": user}
        self.administration.sekisho.set_password(**place, Password=PASSWORD, ChangeRequired=False)
        return place

    def enter(self, client: Client, name: str, password: str = PASSWORD) -> Answer:
        return enter(client, name, password)


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, server_authority: str) -> Iterator[House]:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER", WhenNoDevice="ALLOW")
    port = int(directory.portal_url.removesuffix("/start").rsplit(":", 1)[1])
    yield House(Wire(port, str(server_authority)), administration, directory)


def test_odd_answers_of_security_keys(house: House) -> None:
    """Few enough for the lock of an address: all tests here come from one."""
    sekisho = house.administration.sekisho
    sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PasskeySignIn=True)
    try:
        client = house.client()
        fields = hidden(client.get("/signin/passkey"), "/signin/passkey")
        for credential in ("", "\0", "{" * 5000, '{"type":"public-key","rawId":"AA","response":{"clientDataJSON":"!!"}}',
                           '{"type":"public-key","rawId":"' + "A" * 40000 + '"}'):
            answer = client.post("/signin/passkey", fields | {"credential": credential})
            assert answer.status == 401 and SESSION not in client.cookies, answer.text
            assert "security key" in answer.text
    finally:
        sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PasskeySignIn=False)


def test_a_planted_session_is_not_taken_over(house: House) -> None:
    """Session fixation: what the browser held before the sign-in is worth nothing after it."""
    house.person("fixed")
    client = house.client()
    client.cookies[SESSION] = "planted-by-somebody-else"
    signed = house.enter(client, "fixed")
    assert signed.status == 303 and client.cookies[SESSION] != "planted-by-somebody-else"
    first = client.cookies[SESSION]
    again = house.client()
    house.enter(again, "fixed")
    assert again.cookies[SESSION] != first
    thief = house.client()
    thief.cookies[SESSION] = "planted-by-somebody-else"
    assert thief.get("/account").headers["location"].startswith("/signin")


def test_a_sign_in_under_way_is_of_one_browser(house: House) -> None:
    """Login CSRF: a form that an attacker fetched does not go through in a victim's browser."""
    house.person("lured")
    attacker, victim = house.client(), house.client()
    named = attacker.post("/signin", hidden(attacker.get("/signin"), "/signin") | {"username": "lured"})
    victim.get("/signin")
    refused = victim.post("/signin/password", hidden(named, "/signin/password") | {"password": PASSWORD})
    assert refused.status == 403 and SESSION not in victim.cookies


def routes(is_post: bool) -> list[str]:
    """The portal's own table."""
    source = (ROOT / "src" / "portal" / "portal.cc").read_text()
    found = re.findall(r'\{"(/[^"]*)", (true|false), Who::\w+, \w+\}', source)
    assert len(found) > 40
    return [path for path, post in found if (post == "true") == is_post]


def test_every_form_needs_its_origin_and_its_token(house: House) -> None:
    house.person("forged")
    client = house.client()
    house.enter(client, "forged")
    token = hidden(client.get("/account"), "/signout")["form_token"]
    for path in routes(True):
        for name, answer in {
            "no token": client.post(path, {"language": "ja"}),
            "a token of nobody": client.post(path, {"form_token": "x" * 80, "language": "ja"}),
            "another origin": client.post(path, {"form_token": token, "language": "ja"}, "https://evil.example"),
            "another port": client.post(path, {"form_token": token, "language": "ja"}, "https://localhost:1"),
            "no origin": client.post(path, {"form_token": token, "language": "ja"}, "null"),
            "another site": client.post(path, {"form_token": token}, **{"Sec-Fetch-Site": "cross-site"}),
        }.items():
            assert answer.status == 403, (path, name, answer.status)
            assert "set-cookie" not in answer.headers or SESSION + "=" not in answer.headers["set-cookie"], (path, name)
    assert client.get("/account").status == 200  # still signed in, in English
    # Another person's token is none either.
    house.person("other")
    other = house.client()
    house.enter(other, "other")
    foreign = hidden(other.get("/account"), "/signout")["form_token"]
    assert client.post("/account/devices/remove", {"form_token": foreign, "device": "x"}).status == 403


def test_no_page_is_framed_cached_or_scripted_from_elsewhere(house: House) -> None:
    house.person("framed")
    client = house.client()
    house.enter(client, "framed")
    for path in routes(False):
        for who in (client, house.client()):
            answer = who.get(path)
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy and "unsafe" not in policy, path
            assert answer.headers["x-frame-options"] == "DENY" and answer.headers["cache-control"] == "no-store", path
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("target", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/%5Cevil.example", "\\\\evil.example", "/..//evil.example",
    "javascript:alert(1)", "/start\r\nLocation: https://evil.example/", " //evil.example", "/start/../../evil", "data:text/html,x",
])  # fmt: skip
def test_no_return_leads_away(house: House, target: str) -> None:
    """Open redirects: through the sign-in, the choice of language, and signing out."""
    name = f"led{abs(hash(target))}"
    house.person(name)
    client = house.client()
    page = client.get("/signin?" + urllib.parse.urlencode({"return_to": target}))
    named = client.post("/signin", hidden(page, "/signin") | {"username": name, "return_to": target})
    signed = client.post("/signin/password", hidden(named, "/signin/password") | {"password": PASSWORD})
    assert signed.headers["location"] in ("/start", "/start/"), signed.headers["location"]
    fields = hidden(client.get("/account"), "/preferences") | {"language": "en", "return_to": target}
    assert client.post("/preferences", fields).headers["location"] == "/start"
    left = client.post("/signout", hidden(client.get("/account"), "/signout") | {"return_to": target})
    assert left.headers["location"] == "/signout"


def test_a_reset_link_is_of_our_own_name(house: House) -> None:
    """Whatever name the request came under: the mail's link is the public URL's."""
    house.person("poisoned")
    client = house.client()
    fields = hidden(client.get("/forgot-password"), "/forgot-password") | {"username": "poisoned"}
    for header in ("X-Forwarded-Host", "X-Host", "Forwarded"):
        client.post("/forgot-password", fields, **{header: "evil.example"})
    text = house.administration.mail_to("poisoned@example.com", "Reset your password")
    assert f"https://{house.wire.host}/invitation?token=" in text and "evil" not in text


def test_names_are_not_told_apart(house: House) -> None:
    """The same pages for people, nobody, those who are disabled, and those without a password."""
    house.person("known")
    disabled = house.person("disabled")
    house.administration.set_user_enabled(house.directory, disabled["UserId"], False)
    house.administration.invite_user(house.directory, "invited", "invited@example.com")

    def wiped(answer: Answer, name: str) -> tuple[int, str]:
        text = re.sub(r'name="(form_token|attempt)" value="[^"]*"', "", answer.text.replace(name, "NAME"))
        return answer.status, text

    entered, asked = set(), set()
    for name in ("known", "disabled", "invited", "nobody", "KNOWN", "knоwn"):  # the last with a Cyrillic o
        client = house.client()
        entered.add(wiped(house.enter(client, name, "Wrong-password-1"), name))
        fields = hidden(client.get("/forgot-password"), "/forgot-password") | {"username": name}
        asked.add(wiped(client.post("/forgot-password", fields), name))
    assert len(entered) == 1 and len(asked) == 1
    assert "is not correct" in entered.pop()[1]


def test_guesses_at_recovery_codes_and_mailed_codes_lock(house: House) -> None:
    place = house.person("guessed")
    sekisho = house.administration.sekisho
    sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PromptMode="ALWAYS_ON",
                                WhenNoDevice="REQUIRE_EMAIL_OTP")
    try:
        client = house.client()
        asked = house.enter(client, "guessed")
        fields = hidden(asked, "/signin/code")
        statuses = [client.post("/signin/code", fields | {"code": f"{guess:06}"}) for guess in range(6)]
        assert "Too many failed attempts" in statuses[-1].text
        # The right one does not help while it is locked.
        mail = house.administration.mail_to("guessed@example.com", "verification code")
        code = re.search(r"\b\d{6}\b", mail)
        assert code and "Too many failed attempts" in client.post("/signin/code", fields | {"code": code.group(0)}).text
        history = sekisho.list_sign_ins(**place)["SignIns"]
        assert [entry["Outcome"] for entry in history].count("FAILED") >= 5
        assert sekisho.describe_user_sign_in(**place)["FailedSignIns"] >= 5
    finally:
        sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PromptMode="NEVER", WhenNoDevice="ALLOW")


def test_a_mailed_code_is_of_its_own_sign_in(house: House) -> None:
    house.person("mailed")
    sekisho = house.administration.sekisho
    sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PromptMode="ALWAYS_ON",
                                WhenNoDevice="REQUIRE_EMAIL_OTP")
    try:
        first, second = house.client(), house.client()
        asked = house.enter(first, "mailed")
        code = re.search(r"\b\d{6}\b", house.administration.mail_to("mailed@example.com", "verification code"))
        assert code
        other = house.enter(second, "mailed")
        assert second.post("/signin/code", hidden(other, "/signin/code") | {"code": code.group(0)}).status == 401
        fields = hidden(asked, "/signin/code") | {"code": code.group(0)}
        assert first.post("/signin/code", fields).status == 303
        replayed = house.client()
        replayed.cookies = {name: value for name, value in first.cookies.items() if name != SESSION}
        assert replayed.post("/signin/code", fields).status in (400, 401)
    finally:
        sekisho.update_mfa_settings(InstanceArn=house.directory.instance_arn, PromptMode="NEVER", WhenNoDevice="ALLOW")
