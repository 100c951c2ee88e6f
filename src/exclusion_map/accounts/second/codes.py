"""One-time codes: those that an app makes of time and a shared key, and those kept on paper.

Apps make six digits every 30 seconds with HMAC-SHA-1, as RFC 6238 has it and every app can.
"""

import base64
import hashlib
import re
import secrets
from typing import Final

KEY_LETTERS: Final = 32
"""160 bits in base 32, as RFC 4226 (section 4, R6) recommends."""
DRIFT: Final = 1
"""Steps of 30 seconds by which a clock may be off (RFC 6238, section 5.2 allows one for delay)."""
RECOVERY_BYTES: Final = 10
_APP_CODE: Final = re.compile(r"[0-9]{6}")
_RECOVERY_CODE: Final = re.compile(r"[a-z2-7]{16}")
_MISREAD: Final = str.maketrans("018", "olb")


def new_key() -> str:
    """Return a key to share with an app, in base 32."""
    import pyotp

    return pyotp.random_base32(KEY_LETTERS)


def address_of(key: str, email: str, service: str) -> str:
    """Return what the picture for the app says: ``otpauth://totp/…``."""
    import pyotp

    plain = service.replace(":", " ")
    return pyotp.TOTP(key).provisioning_uri(name=email, issuer_name=plain)


def step_of(key: str, code: str, moment: float) -> int | None:
    """Return the number of the time step that a code is of; None where it is of none near now.

    All steps are compared, each in constant time: how long it takes does not tell which.

    Args:
        key: in base 32.
        code: six digits.
        moment: now, in Unix seconds.
    """
    import pyotp

    app = pyotp.TOTP(key)
    present = int(moment) // app.interval
    found = None
    for step in range(max(0, present - DRIFT), present + DRIFT + 1):
        if secrets.compare_digest(app.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def tidied(typed: str) -> str:
    """Return a code as it is compared: without spaces and hyphens, letters small."""
    return re.sub(r"[\s-]", "", typed[:100]).lower()


def is_app_code(tidy: str) -> bool:
    """Whether a code looks like one of an app."""
    return _APP_CODE.fullmatch(tidy) is not None


def new_recovery_code() -> str:
    """Return a recovery code of 80 random bits: ``abcd-efgh-ijkl-mnop``, no 0, 1, 8 and 9."""
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def recovery_letters(tidy: str) -> str:
    """Return the letters of a recovery code, with digits mended that stand for letters; or none."""
    mended = tidy.translate(_MISREAD)
    return mended if _RECOVERY_CODE.fullmatch(mended) else ""


def recovery_digest(identity: str, letters: str) -> str:
    """Return what is kept of a recovery code; its random id is the salt (OWASP ASVS 2.6.2)."""
    return hashlib.sha256(f"{identity}\x00{letters}".encode()).hexdigest()
