"""One letter as a message, and handed to the mail server; it says exactly how far that went.

Before DATA nothing has happened and trying again is safe. After the last dot only the server's answer tells whether
it took the letter; without that answer nobody knows, and `Unsure` says so.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
import idna

_TIMEOUT = 30.0
# "a b"@example.org: rare, and right (RFC 5321); what stands between the quotes is plain ASCII.
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])+"', re.ASCII)
_TIMEOUT_OF_DATA = 120.0


class NotNow(Exception):
    """The server did not take the letter and may take it later; the text has its words."""


class Refused(Exception):
    """The server will not take this letter, now or later; the text has its words."""


class Unsure(Exception):
    """The letter was handed over and the answer never came."""


class NoAddress(ValueError):
    """The text cannot be an e-mail address."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """Everything that makes up one message to one addressee."""

    address: str
    name: str
    sender_address: str
    sender: str
    reply_to: str
    message_id: str
    subject: str
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    date: datetime
    unsubscribe: str = ""
    """The address at which one click ends such letters."""


def one_line(text: str) -> str:
    """Text for a header: no line ends or other control characters, single spaces, and nothing that reads as an encoded word.

    Python decodes `=?utf-8?q?…=0D=0ABcc:…?=` in a name that somebody typed and writes its line ends into the message.
    """
    visible = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") else sign for sign in text)
    return re.sub(r"\s+", " ", "".join(visible)).strip().replace("=?", "= ?")


def wire_address(address: str) -> tuple[str, str]:
    """Name and host of an address as they travel: the host in ASCII, the name as it is. Raises NoAddress."""
    user, at, host = address.rpartition("@")
    bare = host if _QUOTED.fullmatch(user) else address
    if not at or not user or not host or re.search(r"[\s\x00-\x1f\x7f<>,;:\"()\[\]\\]", bare):
        raise NoAddress(f"{address!r} is not an e-mail address.")
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError as problem:
        raise NoAddress(f"{address!r} is not an e-mail address: {problem}") from problem
    return user, ascii_host


class _Policy(EmailPolicy):
    """Folds headers with names of other scripts itself.

    The library's own folding loses spaces of long names without Latin letters (seen in CPython 3.11).
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        text = str(value)
        if text.isascii() or name.lower() not in ("from", "to", "reply-to", "subject"):
            return super().fold_binary(name, value)
        if name.lower() == "subject":
            return f"{name}: {_encoded(text, name)}\r\n".encode()
        [mailbox] = value.addresses
        if mailbox.display_name.isascii():
            return f"{name}: {mailbox}\r\n".encode()
        return f"{name}: {_encoded(mailbox.display_name, name)}\r\n <{mailbox.addr_spec}>\r\n".encode()


def _encoded(text: str, header: str) -> str:
    return Header(text, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def compose(letter: Letter) -> EmailMessage:
    """The message: text, HTML beside it if there is any, and the attachments."""
    needs_utf8 = not (letter.address + letter.reply_to).rpartition("@")[0].isascii()
    message = EmailMessage(policy=_Policy(linesep="\r\n", cte_type="7bit", utf8=needs_utf8))
    message["From"] = _mailbox(letter.sender, letter.sender_address)
    message["To"] = _mailbox(letter.name, letter.address)
    if letter.reply_to:
        message["Reply-To"] = _mailbox("", letter.reply_to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for attachment in letter.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.data,
            maintype=kind,
            subtype=subtype or "octet-stream",
            filename=one_line(attachment.name),
        )
    return message


def _mailbox(name: str, address: str) -> Address:
    user, host = wire_address(address)
    if _QUOTED.fullmatch(user):
        user = re.sub(r"\\(.)", r"\1", user[1:-1])  # the library quotes again where it must
    return Address(one_line(name), user, host)


async def hand_over(url: str, letter: Letter, *, may_go: Callable[[], Awaitable[bool]]) -> bool:
    """Give the letter to the mail server at `url`; `may_go` is asked when all but the content is accepted.

    False when `may_go` said no. Raises NotNow, Refused or Unsure.
    """
    user, host = wire_address(letter.address)
    utf8 = not user.isascii()
    content = compose(letter).as_bytes()
    client = _client(url, letter.sender_address.rpartition("@")[2])
    handed_over = False
    try:
        await client.connect()
        if utf8 and not await _can_utf8(client):
            raise Refused(
                "The mail server cannot write to addresses with letters outside A to Z before the @."
            )
        encoding = "utf-8" if utf8 else "ascii"
        await client.mail(letter.sender_address, options=["SMTPUTF8"] if utf8 else [], encoding=encoding)
        await _recipient(client, f"{user}@{host}", encoding)
        if not await may_go():
            return False
        handed_over = True
        await client.data(content, timeout=_TIMEOUT_OF_DATA)
        return True
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as answer:
        words = f"{answer.code} {answer.message}"
        raise (Refused(words) if answer.code >= 500 else NotNow(words)) from answer
    except (aiosmtplib.SMTPException, OSError) as trouble:
        words = _words(trouble)
        raise (Unsure(words) if handed_over else NotNow(words)) from trouble
    finally:
        await _leave(client)


def _client(url: str, own_name: str) -> aiosmtplib.SMTP:
    """`smtps://` speaks TLS from the start; `smtp://` changes to it where the server offers it, and must with a password."""
    parts = urlsplit(url)
    secret = parts.username is not None
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    tls = parts.scheme == "smtps"
    return aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port or (465 if tls else 587 if secret else 25),
        username=unquote(parts.username) if parts.username is not None else None,
        password=unquote(parts.password) if parts.password is not None else None,
        local_hostname=own_name if own_name.isascii() else "localhost",
        timeout=_TIMEOUT,
        use_tls=tls,
        start_tls=False if tls or local else True if secret else None,
    )


async def _recipient(client: aiosmtplib.SMTP, address: str, encoding: str) -> None:
    """RCPT as it stands: the library's own takes quotes off that belong to the address."""
    answer = await client.execute_command(b"RCPT", f"TO:<{address}>".encode(encoding))
    if answer.code not in (250, 251):
        raise aiosmtplib.SMTPRecipientRefused(answer.code, answer.message, address)


async def _can_utf8(client: aiosmtplib.SMTP) -> bool:
    await client.ehlo()
    return client.supports_extension("smtputf8")


async def _leave(client: aiosmtplib.SMTP) -> None:
    with suppress(Exception):
        if client.is_connected:
            await client.quit(timeout=2)
    client.close()


def _words(trouble: BaseException) -> str:
    if isinstance(trouble, aiosmtplib.SMTPResponseException):
        return f"{trouble.code} {trouble.message}"
    return str(trouble) or type(trouble).__name__
