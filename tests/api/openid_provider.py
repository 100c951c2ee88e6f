"""A small provider of OpenID Connect with real keys, on a real port of this machine.

It signs in whoever it is told to, without asking, and can be told to answer wrongly.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "exclusion-map", "a secret of: both & more"
EMAIL = "kim@example.org"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class Provider:
    """What the provider does; tests change it.

    ``claims`` are added to each token, or replace what it would say; None takes one out.
    """

    issuer: str = ""
    key: RSAKey | ECKey = field(default_factory=lambda: new_key("first"))
    published: list[dict[str, Any]] = field(default_factory=list)
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    number: int = 0

    def rotate(self, name: str) -> None:
        self.key = new_key(name)
        self.published = [self.key.as_dict(private=False)]

    def authorise(self, address: str) -> dict[str, str]:
        """Sign somebody in who was sent to an address; return what goes back with them."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        self.number += 1
        code = f"code-{self.number}"
        self.asked[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, asked: dict[str, str]) -> str:
        moment = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "exp": moment + 300,
            "iat": moment,
            "nonce": asked["nonce"],
            "email": EMAIL,
            "email_verified": True,
            "name": "Kim Brown",
        }
        if "max_age" in asked:
            said["auth_time"] = moment
        return self.signed(said | self.claims)

    def logout_token(self, **claims: Any) -> str:
        """Return the word that somebody signed out (Back-Channel Logout 1.0, section 2.4)."""
        moment = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": moment,
            "exp": moment + 120,
            "jti": uuid.uuid4().hex,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        return self.signed(said | claims)

    def signed(self, claims: dict[str, Any]) -> str:
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in ("none", "HS256"):
            whole = ".".join(_plain(json.dumps(part).encode()) for part in (header, said))
            shared = self.key.as_pem(private=False)
            mark = (
                hmac.digest(shared, whole.encode(), "sha256") if self.algorithm != "none" else b""
            )
            return f"{whole}.{_plain(mark)}"
        return jwt.encode(header, said, self.key, algorithms=[self.algorithm])


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            base = self.provider.issuer
            known = {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/keys",
                "end_session_endpoint": f"{base}/end",
            }
            self._answer(path, known | self.provider.facts)
        elif path == "/keys":
            self._answer(path, {"keys": self.provider.published})
        else:
            self._answer(path, {}, 404)

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        form = {name: one[0] for name, one in parse_qs(self.rfile.read(length).decode()).items()}
        asked = self.provider.asked.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        allowed = base64.b64decode(self.headers.get("authorization", " ").split(" ")[1]).decode()
        fits = (
            asked is not None
            and _plain(digest) == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
            and allowed == urlencode({CLIENT: SECRET}).replace("=", ":").replace("+", "%20")
        )
        if asked is None or not fits:
            self._answer("/token", {"error": "invalid_grant"}, 400)
        else:
            self._answer("/token", {"id_token": self.provider.token(asked), "access_token": "x"})

    def _answer(self, path: str, body: dict[str, Any], status: int = 200) -> None:
        self.provider.seen.append(path)
        broken = path in self.provider.broken
        raw = b"<html>sorry" if broken else json.dumps(body).encode()
        self.send_response(500 if broken else status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def provider_at_work() -> Iterator[Provider]:
    """Run a provider."""
    provider = Provider()
    provider.rotate("first")
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
