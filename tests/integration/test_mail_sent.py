"""Mail about changes to one's sign-in, through a real SMTP server."""

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import update

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.mail import Mailer
from exclusion_map.accounts.messages import Message
from exclusion_map.accounts.tables import ApiToken
from exclusion_map.accounts.telling import post, tell_of_ends, tell_of_invitation
from exclusion_map.database import Database, now
from exclusion_map.errors import (
    InvalidRequestError,
    NotSignedInError,
    SettingsError,
    TooManyRequestsError,
)
from exclusion_map.settings import MailSettings, read

from .accounts_at_work import EMAIL, HERE, OTHER, PASSWORD, join

SENDER = "Exclusion Map <map@example.org>"


class Post:
    """What a mail server took; before, it refuses as often as it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.refusals: list[str] = []
        self.tries = 0

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.tries += 1
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.taken += [(to, message) for to in envelope.rcpt_tos]
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in self.taken]


@contextmanager
def mail_server(**options: object) -> Iterator[tuple[Post, int]]:
    """Run a mail server; yields what it takes, and its port."""
    handler = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    loop = asyncio.new_event_loop()
    controller = Controller(handler, hostname="127.0.0.1", port=port, loop=loop, **options)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


@pytest.fixture
def server() -> Iterator[tuple[Post, int]]:
    with mail_server() as running:
        yield running


@pytest.fixture
def mailing(server: tuple[Post, int], monkeypatch: pytest.MonkeyPatch) -> Post:
    handler, port = server
    monkeypatch.setenv("EXCLUSION_MAP_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("EXCLUSION_MAP_SMTP_PORT", str(port))
    monkeypatch.setenv("EXCLUSION_MAP_SMTP_SECURITY", "none")
    monkeypatch.setenv("EXCLUSION_MAP_SMTP_SENDER", SENDER)
    monkeypatch.setenv("EXCLUSION_MAP_BASE_URL", "https://map.example.org")
    return handler


def flush() -> None:
    mailer = post()
    assert mailer is not None
    assert mailer.flush()


def test_people_are_told_what_is_done_to_their_sign_in(accounts: Accounts, mailing: Post) -> None:
    actor = join(accounts)
    done = accounts.change_password(actor, PASSWORD, OTHER, address=HERE)
    accounts.second.begin(actor)
    app = pyotp.TOTP(accounts.second.pending(actor.id))
    session = accounts.sessions.find(done.session)
    assert session is not None
    _, codes = accounts.confirm_second_factor(actor, session.by, app.now(), address=HERE)
    accounts.second.accept(actor, codes[0])
    accounts.second.take_off(COMMAND_LINE, actor.id)
    flush()
    assert mailing.subjects() == [
        "Exclusion Map: your password was changed",
        "Exclusion Map: sign-in codes were set up",
        "Exclusion Map: a recovery code was used",
        "Exclusion Map: your second factor was taken off",
    ]
    to, first = mailing.taken[0]
    assert to == EMAIL
    assert (first["From"], first["To"]) == (SENDER, EMAIL)
    assert first["Auto-Submitted"] == "auto-generated"
    text = first.get_content()
    assert text.startswith("Hello Sam,")
    assert "https://map.example.org" in text
    everything = " ".join(str(message) for _, message in mailing.taken)
    for secret in (PASSWORD, OTHER, app.secret, *codes, actor.id, HERE):
        assert secret not in everything


def test_what_is_not_saved_is_not_told(accounts: Accounts, mailing: Post) -> None:
    actor = join(accounts)
    with pytest.raises(InvalidRequestError):
        accounts.change_password(actor, PASSWORD, "short", address=HERE)
    with pytest.raises(RuntimeError):
        noted_and_undone(accounts._database, actor)
    flush()
    assert mailing.taken == []


def noted_and_undone(database: Database, actor: Actor) -> None:
    with database.writing() as session:
        note(session, actor, "password changed", actor.id)
        raise RuntimeError


def test_guessing_is_told_once_a_day(accounts: Accounts, mailing: Post) -> None:
    join(accounts)
    refused = 0
    for _ in range(9):
        try:
            accounts.sign_in(EMAIL, "a wrong guess", address=HERE)
        except TooManyRequestsError:
            refused += 1
        except NotSignedInError:
            continue
    assert refused > 1
    flush()
    assert mailing.subjects() == ["Exclusion Map: tries to sign in to your account"]


def test_an_invitation_brings_the_link(accounts: Accounts, mailing: Post) -> None:
    secret = accounts.invitations.invite(COMMAND_LINE, "new@example.org", Role.VIEWER)
    link = f"https://map.example.org/invitation#{secret}"
    assert tell_of_invitation(accounts.invitations.find(secret), link)
    flush()
    ((to, message),) = mailing.taken
    assert to == "new@example.org"
    assert link in message.get_content()


def test_the_end_of_a_token_is_told_once(
    accounts: Accounts, database: Database, mailing: Post
) -> None:
    actor = join(accounts)
    for name, days in (("nightly", 30), ("short", 3), ("far", 90)):
        accounts.tokens.make(Actor(actor.id, actor.name), name, Role.VIEWER, days)
    flush()
    made = len(mailing.taken)
    assert tell_of_ends(database) == 0
    with database.writing() as session:
        sooner = update(ApiToken).where(ApiToken.name == "nightly")
        session.execute(sooner.values(expires_at=now() + timedelta(days=2, seconds=5)))
        longer_ago = update(ApiToken).where(ApiToken.name == "nightly")
        session.execute(longer_ago.values(created_at=now() - timedelta(days=28)))
    assert tell_of_ends(database) == 1
    assert tell_of_ends(database) == 0
    flush()
    assert "“nightly”" in mailing.taken[made][1].get_content()


def test_a_server_that_is_busy_is_asked_again(server: tuple[Post, int]) -> None:
    handler, port = server
    handler.refusals = ["451 later", "451 later"]
    mailer = Mailer(_settings(port), waits=(0.01, 0.01))
    mailer.send(EMAIL, Message("once", "text"))
    assert mailer.flush()
    assert (handler.tries, mailer.sent, mailer.failed) == (3, 1, 0)


def test_what_a_server_never_takes_is_given_up_and_told_without_addresses(
    server: tuple[Post, int], caplog: pytest.LogCaptureFixture
) -> None:
    handler, port = server
    handler.refusals = [f"550 no {EMAIL} here"]
    mailer = Mailer(_settings(port), waits=(0.01,))
    mailer.send(EMAIL, Message("once", "text"))
    mailer.send(EMAIL, Message("two", "text"))
    assert mailer.flush()
    assert (handler.tries, mailer.sent, mailer.failed) == (2, 1, 1)
    assert "550" in caplog.text
    assert EMAIL not in caplog.text


def test_a_server_that_is_away_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mailer = Mailer(_settings(free.getsockname()[1]), waits=())
        mailer.send(EMAIL, Message("lost", "text"))
        assert mailer.flush()
    assert mailer.failed == 1
    assert "ConnectionRefusedError" in caplog.text


def test_signing_in_at_the_server_takes_the_password_of_a_file(tmp_path: Path) -> None:
    seen: list[LoginPassword] = []

    def judge(_server: SMTP, _session: Session, _way: str, _asked: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append(data)
        return AuthResult(success=data.password == b"of a file")

    file = tmp_path / "password"
    file.write_text("of a file\n")
    with mail_server(authenticator=judge, auth_require_tls=False) as (_, port):
        mailer = Mailer(_settings(port, smtp_user="map", smtp_password_file=str(file)), waits=())
        mailer.send(EMAIL, Message("once", "text"))
        assert mailer.flush()
    assert mailer.sent == 1
    assert seen[0].login == b"map"


def certificate(folder: Path) -> Path:
    """Return a key and its certificate for 127.0.0.1 in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_way_to_the_server_is_encrypted_and_its_name_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with mail_server(tls_context=context, require_starttls=True) as (handler, port):
        settings = _settings(port, smtp_security="starttls")
        strange = Mailer(settings, waits=(9.0,))
        strange.send(EMAIL, Message("to a stranger", "text"))
        assert strange.flush()
        assert (strange.sent, strange.failed) == (0, 1)
        assert "SSLCertVerificationError" in caplog.text
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        known = Mailer(settings, waits=())
        known.send(EMAIL, Message("once", "text"))
        assert known.flush()
    assert (known.sent, handler.subjects()) == (1, ["once"])


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"HOST": "mail.example.org"}, "SENDER"),
        ({"HOST": "mail.example.org", "SENDER": SENDER, "SECURITY": "none"}, "starttls"),
        ({"HOST": "mail.example.org", "SENDER": SENDER, "USER": "map"}, "password"),
        ({"SENDER": "nobody"}, "email address"),
    ],
)
def test_settings_that_cannot_be_are_told(
    variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"EXCLUSION_MAP_SMTP_{name}", value)
    with pytest.raises(SettingsError, match=told):
        read(MailSettings)


def test_without_a_server_nothing_is_sent(accounts: Accounts) -> None:
    assert post() is None
    actor = join(accounts)
    accounts.change_password(actor, PASSWORD, OTHER, address=HERE)
    assert tell_of_ends(accounts._database) == 0


def _settings(port: int, **more: Any) -> MailSettings:
    given: dict[str, Any] = {"smtp_security": "none", **more}
    return MailSettings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_sender=SENDER,
        smtp_timeout_s=2,
        **given,
    )
