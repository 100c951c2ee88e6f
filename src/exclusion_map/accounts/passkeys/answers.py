"""What browsers are asked for a key, and whether what they answer is right.

The one place that speaks WebAuthn, by way of ``webauthn`` (py_webauthn), which is imported when a
key is first used: it takes a third of a second.
"""

import base64
import binascii
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.accounts.passkeys.challenges import SIGN_WITHIN
from exclusion_map.accounts.tables import Passkey

LONGEST_ANSWER: Final = 20_000
"""Characters. With attestation "none" an answer has about a thousand."""
TIMEOUT_MS: Final = int(SIGN_WITHIN.total_seconds() * 1000)
KNOWN_TRANSPORTS: Final = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Party:
    """For whom keys sign: this service, at the address that people reach it by.

    Attributes:
        id: its host name; keys of one host sign for no other.
        origin: scheme, host and port, as browsers write them.
        name: as browsers show it.
    """

    id: str
    origin: str
    name: str = "Exclusion Map"


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says of itself, before anything of it is believed.

    Attributes:
        credential: of which key it is, in base64url.
        challenge: which challenge it answers.
        holder: whose the key says it is; empty where it does not.
        transports: how the key is reached, with commas; only in the answer of a new key.
    """

    credential: str
    challenge: bytes
    holder: str = ""
    transports: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new key that showed it holds the private half.

    Attributes:
        credential: its id, in base64url.
        public_key: COSE, in base64url.
        count: of its signatures; 0 for ever where a key does not count.
        synced: whether its maker keeps copies of it on other devices.
    """

    credential: str
    public_key: str
    count: int
    synced: bool


def creation_options(
    party: Party, account_id: str, email: str, name: str, challenge: bytes, have: Sequence[Passkey]
) -> dict[str, Any]:
    """Return what a browser needs to have a new key made.

    Args:
        party: for whom.
        account_id: random; the key hands it back when it signs.
        email: as the browser shows it beside the key.
        name: of the person, shown likewise.
        challenge: to sign.
        have: keys of the account, which are not registered twice.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    return options_to_json_dict(
        generate_registration_options(
            rp_id=party.id,
            rp_name=party.name,
            user_id=account_id.encode(),
            user_name=email,
            user_display_name=name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            exclude_credentials=_descriptors(have),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
    )


def request_options(party: Party, challenge: bytes, have: Sequence[Passkey]) -> dict[str, Any]:
    """Return what a browser needs to have a key sign.

    Args:
        party: for whom.
        challenge: to sign.
        have: keys that may.
    """
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    return options_to_json_dict(
        generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(have),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
    )


def said_in(answer: str) -> Said | None:
    """Return what an answer says of itself; None where it cannot be read."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        told = json.loads(answer)
        response = told["response"]
        client = json.loads(_bytes(response["clientDataJSON"]))
        credential = _text(_bytes(told["rawId"]))
        challenge = _bytes(client["challenge"])
        holder = _bytes(response.get("userHandle") or "").decode()
        listed = response.get("transports") or []
        transports = ",".join(one for one in KNOWN_TRANSPORTS if one in listed)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return Said(credential, challenge, holder, transports)


def registered(answer: str, party: Party, challenge: bytes) -> Fresh | None:
    """Return the new key of an answer; None where the answer is not right."""
    from webauthn import verify_registration_response
    from webauthn.helpers.structs import CredentialDeviceType

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except Exception as error:
        _log(error)
        return None
    return Fresh(
        _text(found.credential_id),
        _text(found.credential_public_key),
        found.sign_count,
        found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def signed(answer: str, party: Party, challenge: bytes, key: Passkey) -> int | None:
    """Return how often a key says it signed; None where its answer is not right.

    The count is not looked at here: whoever keeps it compares and replaces it in one statement.
    """
    from webauthn import verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=_bytes(key.public_key),
            credential_current_sign_count=0,
        )
    except Exception as error:
        _log(error)
        return None
    return found.new_sign_count


def _log(error: Exception) -> None:
    """Log why an answer is refused: the library and those under it raise errors of many kinds."""
    logger.info("an answer of a key is refused: %s: %s", type(error).__name__, error)


def _descriptors(keys: Sequence[Passkey]) -> list[Any]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(
            id=_bytes(key.credential_id),
            transports=[AuthenticatorTransport(one) for one in key.transports.split(",") if one]
            or None,
        )
        for key in keys
    ]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Return what base64url stands for.

    Raises:
        ValueError: it is none.
        TypeError: it is no text.
    """
    padded = f"{text}{'=' * (-len(text) % 4)}".encode("ascii")
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
