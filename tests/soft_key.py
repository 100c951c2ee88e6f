"""A security key in software, for tests: signs as WebAuthn has it, or wrong where a test wants."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, MAY_SYNC, NEW_KEY = 0x01, 0x04, 0x08, 0x40


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftKey:
    """One key on P-256, in a browser at an address."""

    origin: str = "http://localhost"
    host: str = "localhost"
    count: int = 0
    steps: int = 1
    """By how much the counter goes up at each signature; 0 for a key that does not count."""
    flags: int = PRESENT | VERIFIED
    identity: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    holder: str = ""
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, asked: dict[str, Any], **changed: Any) -> str:
        """Return what a browser sends that had a key made."""
        self.holder = asked["user"]["id"]
        numbers = self.secret.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        length = len(self.identity).to_bytes(2, "big")
        made = bytes(16) + length + self.identity + cose
        data = self._data(self.flags | NEW_KEY) + made
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked, changed)
        response = {"attestationObject": text_of(attested), "transports": ["usb", "nfc", "new"]}
        return self._written(client, response)

    def get(self, asked: dict[str, Any], **changed: Any) -> str:
        """Return what a browser sends that had a key sign."""
        self.count += self.steps
        data, client = self._data(self.flags), self._client("webauthn.get", asked, changed)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "authenticatorData": text_of(data),
            "signature": text_of(self.secret.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": changed.get("holder", self.holder),
        }
        return self._written(client, response)

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any], changed: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        more = {name: value for name, value in changed.items() if name in told}
        return json.dumps({**told, **more, "crossOrigin": False}).encode()

    def _written(self, client: bytes, response: dict[str, Any]) -> str:
        identity = text_of(self.identity)
        whole = {"id": identity, "rawId": identity, "type": "public-key"}
        return json.dumps({**whole, "response": {"clientDataJSON": text_of(client), **response}})
