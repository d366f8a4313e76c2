"""The portal's pages without a browser: cookies and forms, byte for byte."""

import html
import re
import urllib.parse
from dataclasses import dataclass, field

from raw import Answer, Request, Wire

SESSION = "__Host-sekisho"


@dataclass
class Client:
    """A browser without a browser: keeps cookies, and sends forms as its user would, or as nobody would."""

    wire: Wire
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        listed = [("Host", self.wire.host), *headers.items()]
        if self.cookies:
            listed.append(("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        if method == "POST":
            listed.append(("Content-Length", str(len(body))))
        answer = self.wire.send(Request(method, target, listed, body))
        for name, value in re.findall(r"(__Host-[a-z-]+)=([^;,]*);", answer.headers.get("set-cookie", "")):
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def get(self, target: str, **headers: str) -> Answer:
        return self.send("GET", target, headers)

    def post(self, target: str, fields: dict[str, str], origin: str | None = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin or f"https://{self.wire.host}"}
        return self.send("POST", target, sent | headers, urllib.parse.urlencode(fields).encode())


def hidden(page: Answer, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts there."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', page.text, re.DOTALL)
    assert form, page.text
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(1))
    return {name: html.unescape(value) for name, value in found}


def enter(client: Client, name: str, password: str) -> Answer:
    """User name and password; the answer to the password."""
    named = client.post("/signin", hidden(client.get("/signin"), "/signin") | {"username": name})
    return client.post("/signin/password", hidden(named, "/signin/password") | {"password": password})
