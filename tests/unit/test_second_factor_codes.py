"""One-time codes against the values of their standards, and what is kept of keys and codes."""

import base64
import json

import pytest

from exclusion_map.accounts.second.codes import (
    address_of,
    is_app_code,
    new_key,
    new_recovery_code,
    recovery_digest,
    recovery_letters,
    step_of,
    tidied,
)
from exclusion_map.accounts.second.sealing import Sealing

# RFC 6238, appendix B: key "12345678901234567890", SHA-1, steps of 30 s. The table has eight
# digits; an app that shows six shows the last six of them (RFC 4226, section 5.3).
KEY = base64.b32encode(b"12345678901234567890").decode()
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
# RFC 4226, appendix D: codes of the counters 0 to 9 of the same key.
RFC_4226 = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)
ONE, OTHER = "a secret of more than 32 characters", "another secret, no shorter than that"


@pytest.mark.parametrize(("moment", "code"), list(RFC_6238.items()))
def test_codes_are_those_of_rfc_6238(moment: int, code: str) -> None:
    assert step_of(KEY, code[2:], moment) == moment // 30


@pytest.mark.parametrize(("step", "code"), list(enumerate(RFC_4226)))
def test_codes_are_those_of_rfc_4226(step: int, code: str) -> None:
    assert step_of(KEY, code, step * 30 + 29.9) == step


@pytest.mark.parametrize(
    ("off_s", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_be_off_by_one_step(off_s: int, taken: bool) -> None:
    moment = 1234567890
    assert (step_of(KEY, "005924", moment + off_s) is not None) is taken


def test_the_beginning_of_time_has_no_step_before_it() -> None:
    assert step_of(KEY, RFC_4226[0], 0.0) == 0


def test_keys_have_160_random_bits_and_none_comes_twice() -> None:
    keys = {new_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(base64.b32decode(key)) for key in keys} == {20}


def test_the_picture_says_what_apps_read() -> None:
    address = address_of(KEY, "sam@example.org", "Exclusion Map: here")
    assert address.startswith("otpauth://totp/Exclusion%20Map%20%20here:sam%40example.org?")
    assert f"secret={KEY}" in address
    assert "issuer=Exclusion%20Map%20%20here" in address


@pytest.mark.parametrize(
    ("typed", "fits"),
    [("123 456", True), (" 123-456\n", True), ("12345", False), ("١٢٣٤٥٦", False), ("", False)],
)
def test_an_app_code_is_six_plain_digits(typed: str, fits: bool) -> None:
    assert is_app_code(tidied(typed)) is fits


def test_recovery_codes_have_80_bits_and_forgive_how_they_are_typed() -> None:
    code = new_recovery_code()
    assert len(base64.b32decode(code.replace("-", "").upper())) == 10
    letters = recovery_letters(tidied(code))
    assert recovery_letters(tidied(f"  {code.upper().replace('-', ' ')} ")) == letters
    assert recovery_letters(tidied("0bcd-efgh-1jkl-8nop")) == "obcdefghljklbnop"
    for wrong in ("", "abcd", code + "a", "ábcd-efgh-ijkl-mnop", "9" * 16):
        assert recovery_letters(tidied(wrong)) == ""
    # The salt makes the same code two digests.
    assert recovery_digest("one", letters) != recovery_digest("two", letters)


def test_a_key_opens_by_its_secret_for_its_account_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Sealing(ONE).seal(KEY, "account-1")
    assert KEY not in kept
    assert len(kept) <= 400
    head = kept.split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["enc"] == "A256GCM"
    assert Sealing(ONE).open(kept, "account-1") == KEY
    assert Sealing(f"{OTHER}, {ONE}").open(kept, "account-1") == KEY
    assert Sealing(ONE).open(kept, "account-2") == ""
    assert Sealing(OTHER).open(kept, "account-1") == ""
    assert Sealing("").open(kept, "account-1") == ""
    assert Sealing(ONE).open(f"{kept[:-3]}AAA", "account-1") == ""
    assert Sealing(ONE).open("not a key", "account-1") == ""
    assert KEY not in caplog.text
    assert "EXCLUSION_MAP_SECRET_KEYS" in caplog.text


def test_without_a_secret_a_key_is_kept_as_it_is() -> None:
    assert Sealing("").open(Sealing("").seal(KEY, "account-1"), "account-1") == KEY
    assert Sealing(ONE).open(Sealing("").seal(KEY, "account-1"), "account-1") == KEY
