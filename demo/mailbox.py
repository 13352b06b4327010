"""A real SMTP server that keeps every mail as a file and gives none to anybody.

    with running() as mailbox:
        ...  # send to mailbox.url
        assert mailbox.mails[0].subject == "Thank you"

A mail is on the disk (fsync) before it is answered with 250, so kill -9 loses nothing that was acknowledged.
The failures a mail server is known for can be asked for: `refuse()`, `busy_once()`, `drop_next()`, `slow()`.
"""

import asyncio
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from kit import leftovers

MOST_BYTES = 33_554_432
_FROM, _TO, _END = b"X-Envelope-From: ", b"X-Envelope-To: ", b"X-Envelope-End: \r\n"


@dataclass(frozen=True)
class Mail:
    """One mail as it came: envelope and content."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed content."""
        return cast(EmailMessage, message_from_bytes(self.content, policy=policy.default))

    @property
    def arrived(self) -> datetime:
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, UTC)

    @property
    def subject(self) -> str:
        return header(self.message, "subject")

    @property
    def text(self) -> str:
        """The plain part."""
        return _content(self.message.get_body(("plain",)))

    @property
    def html(self) -> str:
        """The HTML part, or nothing."""
        return _content(self.message.get_body(("html",)))

    @property
    def attachments(self) -> list[tuple[str, str, bytes]]:
        """(name, media type, bytes) of each."""
        found = []
        for place, part in enumerate(self.message.iter_attachments() if self.message.is_multipart() else ()):
            data = part.get_payload(decode=True)
            name = part.get_filename() or f"attachment-{place + 1}"
            found.append(
                (name, part.get_content_type(), data if isinstance(data, bytes) else part.as_bytes())
            )
        return found


def header(message: EmailMessage, name: str) -> str:
    """A header as text, even one that is broken."""
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser of a malformed header may raise nearly anything
        return "(unreadable)"


def _content(part: object) -> str:
    if not isinstance(part, EmailMessage):
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError, KeyError):
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


class Mailbox:
    """The folder of mails, and how the next delivery fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self._known: dict[str, Mail] = {}
        self._lock = threading.Lock()
        self.well()

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    # ---- trouble -------------------------------------------------------------------------------

    def well(self) -> None:
        """No failures any more."""
        self.refused: set[str] = set()
        self.busy = 0
        self.drops = 0
        self.seconds = 0.0

    def refuse(self, address: str) -> None:
        """This recipient does not exist: 550."""
        self.refused.add(address.lower())

    def busy_once(self, times: int = 1) -> None:
        """The next recipients are put off: 451."""
        self.busy = times

    def drop_next(self, times: int = 1) -> None:
        """The line is cut after DATA and before the answer; the mail is kept."""
        self.drops = times

    def slow(self, seconds: float) -> None:
        """Every answer to DATA takes so long."""
        self.seconds = seconds

    # ---- mails ---------------------------------------------------------------------------------

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Write a mail so that it is there after a crash. Its id."""
        id = f"{time.time_ns()}-{secrets.token_hex(4)}"
        lines = [
            _FROM + sender.encode() + b"\r\n",
            *(_TO + name.encode() + b"\r\n" for name in recipients),
            _END,
        ]
        beside = self.folder / f"{id}.part"
        with beside.open("wb") as file:
            file.write(b"".join(lines) + content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.folder / f"{id}.eml")
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return id

    def ids(self) -> list[str]:
        """Every mail, newest first."""
        names = [name for name in os.listdir(self.folder) if name.endswith(".eml")]
        return sorted((name.removesuffix(".eml") for name in names), reverse=True)

    def get(self, id: str) -> Mail | None:
        """One mail."""
        if id in self._known:
            return self._known[id]
        if not id.replace("-", "").isalnum():
            return None
        try:
            data = (self.folder / f"{id}.eml").read_bytes()
        except OSError:
            return None
        envelope, _, content = data.partition(_END)
        lines = envelope.splitlines()
        found = [line.removeprefix(_TO).decode("utf-8", "replace") for line in lines if line.startswith(_TO)]
        sender = next(
            (line.removeprefix(_FROM).decode("utf-8", "replace") for line in lines if line.startswith(_FROM)),
            "",
        )
        mail = Mail(id, sender, tuple(found), content)
        with self._lock:
            if len(self._known) > 500:
                self._known.clear()
            self._known[id] = mail
        return mail

    @property
    def mails(self) -> list[Mail]:
        """Every mail, oldest first."""
        return [mail for id in reversed(self.ids()) if (mail := self.get(id))]

    def clear(self) -> None:
        """Throw everything away."""
        for id in self.ids():
            (self.folder / f"{id}.eml").unlink(missing_ok=True)
        self._known.clear()

    # ---- SMTP ----------------------------------------------------------------------------------

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() in self.refused:
            return f"550 5.1.1 <{address}>: there is no such mailbox"
        if self.busy > 0:
            self.busy -= 1
            return "451 4.3.2 Too busy, try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        id = await asyncio.to_thread(self.keep, envelope.mail_from or "", list(envelope.rcpt_tos), data)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.drops > 0:
            self.drops -= 1
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
        return f"250 2.0.0 Kept as {id}"

    async def listen(self, where: socket.socket) -> asyncio.Server:
        """Take mail on this socket, in the running loop."""
        self.port = where.getsockname()[1]
        return await asyncio.get_running_loop().create_server(
            lambda: SMTP(
                self,
                data_size_limit=MOST_BYTES,
                enable_SMTPUTF8=True,
                hostname="mailbox.localhost",
                ident="pretend mailbox",
            ),
            sock=where,
        )


@contextmanager
def running(folder: Path | None = None, *, port: int = 0) -> Iterator[Mailbox]:
    """A mailbox on a thread of its own, on a free port of 127.0.0.1."""
    with leftovers.Folder("almoner-mailboxes-") as temporary:
        mailbox = Mailbox(folder or temporary)
        loop = asyncio.new_event_loop()
        where = socket.create_server(("127.0.0.1", port))
        server = loop.run_until_complete(mailbox.listen(where))
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=5)
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
