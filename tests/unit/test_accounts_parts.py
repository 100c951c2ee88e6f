"""The parts of accounts that need no database: roles, passwords, addresses, tokens of forms."""

import base64
import ipaddress
import threading

import pytest
import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from api.accounts import csrf
from api.accounts.client import address_of, label_of, scheme_of
from api.accounts.guard import own_path
from exclusion_map.accounts import Role, passwords
from exclusion_map.accounts.emails import checked_email
from exclusion_map.accounts.lockout import BY_ACCOUNT, BY_BOTH, wait_s
from exclusion_map.accounts.passwords import (
    SAFE_SCORE,
    SHORTEST,
    check_password,
    common,
    hashed,
    outdated,
    verified,
)
from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.errors import InvalidRequestError, SettingsError, TooManyRequestsError
from exclusion_map.settings import AccountSettings, read


def test_roles_are_in_order() -> None:
    assert [role.value for role in Role] == ["viewer", "contributor", "moderator", "admin"]
    assert Role.MODERATOR.allows(Role.MODERATOR)
    assert Role.MODERATOR.allows(Role.VIEWER)
    assert not Role.MODERATOR.allows(Role.ADMIN)
    assert Role.up_to(Role.CONTRIBUTOR) == (Role.VIEWER, Role.CONTRIBUTOR)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "Password2026!!",
        "P@ssw0rd!2026",
        "passwordpassword",
        "needforspeed",
        "4815162342lost",
        "1qazxsw23edcvfr4",
        "liverpool12345",
        "qwertyuiop12",
        "1234567890123",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "exclusionmap2026",
        "Exclusion Map 2026",
        "sam.green@2026",
        "greensam19901",
        "x" * 257,
    ],
)
def test_passwords_that_attackers_try_first_are_refused(password: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        check_password(password, ("Sam Green", "sam.green@example.org"))
    assert password not in error.value.message


@pytest.mark.parametrize(
    "password",
    [
        "plum kettle tractor violin",
        "correct horse battery staple",
        "purple coffee monkey guitar",
        "kQ8#vT2!mZ5^",
        "пароль на русском 7",
        "          i i j k l m",
        "thirty-two grey herons waded",
    ],
)
def test_long_passwords_are_taken_as_they_are(password: str) -> None:
    check_password(password, ("Sam Green", "sam.green@example.org"))


def test_no_password_of_the_common_ones_of_breaches_is_taken() -> None:
    long_enough = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST]
    assert len(FREQUENCY_LISTS["passwords"]) == 30_000
    assert len(long_enough) > 200
    taken = [word for word in long_enough if passwords._judged(word, set()) >= SAFE_SCORE]
    assert taken == []


def test_a_password_may_be_long_and_not_without_end() -> None:
    long = "grey heron, " * 2 + "plum kettle tractor violin " * 3
    check_password(long[:128].ljust(128, "x"))
    with pytest.raises(InvalidRequestError, match="129 characters"):
        check_password(long[:129].ljust(129, "x"))


def test_a_password_of_many_signs_is_judged_by_its_beginning() -> None:
    """zxcvbn tries every way to read signs as letters: of 72 such characters, for seconds."""
    every = "4@8({[<36&ghi1!|7l0o$5+%z2"
    judged: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zxcvbn, "zxcvbn", lambda text, **_: judged.append(text) or {"score": 4})
        check_password(every * 3)
        check_password("plum kettle tractor violin " * 3)
    assert judged == [every[:16], ("plum kettle tractor violin " * 3)[:72]]


def test_the_words_are_our_own_few_hundred() -> None:
    assert 300 <= len(common()) <= 1_000
    assert all(word == word.lower().strip() for word in common())


def test_a_hash_is_argon2id_with_the_costs_owasp_asks_for() -> None:
    kept = hashed("plum kettle tractor violin")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verified(kept, "plum kettle tractor violin")
    assert not verified(kept, "plum kettle tractor viola")
    assert not verified("", "plum kettle tractor violin")
    assert not verified("no hash", "plum kettle tractor violin")
    assert not outdated(kept)
    assert outdated(kept.replace("m=19456", "m=9216"))


def test_the_same_password_from_another_keyboard_is_the_same() -> None:
    assert verified(hashed("cafe\u0301 tractor violin"), "caf\u00e9 tractor violin")


def test_secrets_are_long_and_kept_as_digests() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(base64.urlsafe_b64decode(one + "=")) == 32
    assert len(digest(one)) == 64


@pytest.mark.parametrize("email", ["", "a", "a@b", "a b@c.org", "a@b@c.org", "a@b..org", "x" * 300])
def test_what_is_no_email_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidRequestError):
        checked_email(email)


def test_an_email_address_has_one_form() -> None:
    assert checked_email("  Sam.Green@Example.ORG ") == "sam.green@example.org"


def test_waits_double_and_end() -> None:
    waits = [wait_s(failures, BY_BOTH) for failures in range(1, 9)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8]
    assert wait_s(10_000, BY_BOTH) == 900
    assert wait_s(10_000, BY_ACCOUNT) == 60


@pytest.mark.parametrize("path", ["/", "/support?q=a b&x=1#top", "/support/é"])
def test_a_path_of_ours_may_be_gone_on_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/" + "a" * 3_000,
    ],
)
def test_nobody_is_sent_to_another_site(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/"


def scope(peer: str, **headers: str) -> dict[str, object]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 1), "headers": raw, "scheme": "http"}


def test_forwarded_headers_are_believed_from_named_proxies_only() -> None:
    made_up = scope("203.0.113.9", x_forwarded_for="198.51.100.1", x_forwarded_proto="https")
    assert address_of(made_up, "") == "203.0.113.9"
    assert address_of(made_up, "10.0.0.0/8") == "203.0.113.9"
    assert scheme_of(made_up, "10.0.0.0/8") == "http"
    behind = scope(
        "10.0.0.2", x_forwarded_for="1.1.1.1, 198.51.100.7, 10.0.0.3", x_forwarded_proto="https"
    )
    assert address_of(behind, "10.0.0.0/8") == "198.51.100.7"
    assert scheme_of(behind, "10.0.0.0/8, ::1") == "https"
    assert address_of(scope("10.0.0.2"), "10.0.0.0/8") == "10.0.0.2"


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("198.51.100.7:50123", "198.51.100.7"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("1.1.1.1, 198.51.100.7:1, 10.0.0.3:8080", "198.51.100.7"),
        ("unknown", "unknown"),
    ],
)
def test_a_port_that_a_proxy_adds_makes_no_new_client(told: str, client: str) -> None:
    assert address_of(scope("10.0.0.2", x_forwarded_for=told), "10.0.0.0/8") == client


def test_one_customer_of_ipv6_is_one_client() -> None:
    one, other = scope("2001:db8:1:2::1"), scope("2001:db8:1:2:ffff::9")
    assert address_of(one, "") == address_of(other, "")
    assert ipaddress.ip_network(address_of(one, "")).prefixlen == 64
    assert address_of(scope("::ffff:192.0.2.1"), "") == "192.0.2.1"
    assert address_of({"type": "http", "headers": []}, "") == ""


def test_a_setting_of_proxies_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example.org")
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        read(AccountSettings)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605", "Safari on Mac"),
        ("Mozilla/5.0 (X11; Linux) Chrome/140.0 Safari/537 Edg/140.0", "Edge on Linux"),
        ("curl/8.5.0", "curl"),
        ("<script>", "script"),
        ("", "A program"),
    ],
)
def test_browsers_have_short_names(agent: str, label: str) -> None:
    assert label_of({"user-agent": agent}) == label


def test_a_token_of_a_form_looks_different_each_time_and_belongs_to_one_key() -> None:
    mark = csrf.mark_of("key")
    one, other = csrf.masked(mark), csrf.masked(mark)
    assert one != other
    assert csrf.matches(one, "key")
    assert csrf.matches(other, "key")
    assert not csrf.matches(one, "another key")
    for wrong in ("", "é", one[:-4], "AAAA" + one, "A" * 88, "*" * 88):
        assert not csrf.matches(wrong, "key")


def test_a_flood_of_sign_ins_is_turned_away_and_not_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_queue", threading.BoundedSemaphore(1))
    with passwords._turn(), pytest.raises(TooManyRequestsError):
        verified("", "plum kettle tractor violin")
    assert not verified("", "plum kettle tractor violin")


def test_secrets_of_the_second_factor_are_long_and_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_SECOND_FACTOR_KEYS", f"{'a' * 32}, too short")
    with pytest.raises(SettingsError) as error:
        read(AccountSettings)
    assert "EXCLUSION_MAP_SECOND_FACTOR_KEYS" in error.value.message
    assert "too short" not in error.value.message
    monkeypatch.setenv("EXCLUSION_MAP_SECOND_FACTOR_KEYS", f"{'a' * 32},{'b' * 40}")
    assert "aaaa" not in repr(read(AccountSettings))
