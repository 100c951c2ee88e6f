"""Mail that tells people of changes to their sign-in, sent beside what they do.

A thread sends from a queue in memory: nobody waits for a mail server, and no change fails because
of one. What is still in the queue when the process ends without warning is lost; the audit log and
the page of the account tell of the change all the same.
"""

import logging
import queue
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Final

from exclusion_map.accounts.messages import Message
from exclusion_map.database import now
from exclusion_map.settings import MailSettings

MOST_WAITING: Final = 500
WAITS_S: Final = (2.0, 10.0, 60.0, 300.0)
"""Seconds before each try after the first."""
PERMANENT: Final = 500
"""From this reply code on a server will not take a message later either (RFC 5321, 4.2.1)."""
FLUSH_S: Final = 10.0
Addressed = tuple[str, Message]
logger = logging.getLogger(__name__)


class Mailer:
    """Sends mail through one server, in the background.

    Attributes:
        sent: messages that the server took.
        failed: messages that were given up, or found the queue full.
    """

    def __init__(self, settings: MailSettings, waits: Sequence[float] = WAITS_S) -> None:
        self._settings = settings
        self._waits = waits
        self._queue: queue.Queue[Callable[[], Addressed | None]] = queue.Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.sent = 0
        self.failed = 0

    @property
    def waiting(self) -> int:
        """Messages that are not sent yet."""
        return self._queue.unfinished_tasks

    def send(self, to: str, message: Message) -> None:
        """Put a message in the queue; where that is full it is dropped, counted and logged."""
        self.send_later(lambda: (to, message))

    def send_later(self, make: Callable[[], Addressed | None]) -> None:
        """Put a message in the queue that the sending thread makes, or finds not to be due."""
        try:
            self._queue.put_nowait(make)
        except queue.Full:
            self._give_up("the queue is full")
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
                self._thread.start()

    def flush(self, seconds: float = FLUSH_S) -> bool:
        """Wait until the queue is empty, at most so long; say whether it is."""
        until = time.monotonic() + seconds
        while self.waiting and time.monotonic() < until:
            time.sleep(0.02)
        return not self.waiting

    def _run(self) -> None:
        while True:
            make = self._queue.get()
            try:
                made = make()
                if made is not None:
                    self._deliver(*made)
            except Exception as error:
                # The thread must outlive any message; of the error only the kind is told.
                self._give_up(type(error).__name__)
            finally:
                self._queue.task_done()

    def _deliver(self, to: str, message: Message) -> None:
        made = self._made(to, message)
        for wait in (*self._waits, None):
            try:
                self._hand_over(made)
            except (OSError, smtplib.SMTPException) as error:
                if wait is None or _is_final(error):
                    self._give_up(_kind(error))
                    return
                logger.warning("mail is tried again in %g s (%s)", wait, _kind(error))
                time.sleep(wait)
            else:
                self.sent += 1
                return

    def _made(self, to: str, message: Message) -> EmailMessage:
        made = EmailMessage()
        made["From"], made["To"] = self._settings.smtp_sender, to
        made["Subject"] = message.subject
        made["Date"] = format_datetime(now())
        domain = parseaddr(self._settings.smtp_sender)[1].rpartition("@")[2]
        made["Message-ID"] = make_msgid(domain=domain)
        # No machine answers it: out-of-office notices would else come back (RFC 3834).
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(message.text)
        return made

    def _hand_over(self, made: EmailMessage) -> None:
        settings = self._settings
        with self._connection() as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                password = Path(settings.smtp_password_file).read_text(encoding="utf-8").strip()
                server.login(settings.smtp_user, password)
            server.send_message(made)

    def _connection(self) -> smtplib.SMTP:
        settings = self._settings
        host, port, timeout = settings.smtp_host, settings.port, settings.smtp_timeout_s
        if settings.smtp_security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        return smtplib.SMTP(host, port, timeout=timeout)

    def _give_up(self, why: str) -> None:
        self.failed += 1
        logger.error("a message was not sent: %s", why)


def _is_final(error: Exception) -> bool:
    """Whether trying again cannot help."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError))


def _kind(error: Exception) -> str:
    """Return what an error was, without the words of a server, which may name the address."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


_mailers: dict[MailSettings, Mailer] = {}
_making = threading.Lock()


def mailer_of(read: Callable[[], MailSettings]) -> Mailer | None:
    """Return the mailer of the settings, one a process; None where no mail is sent."""
    settings = read()
    if not settings.smtp_host:
        return None
    with _making:
        return _mailers.setdefault(settings, Mailer(settings))
