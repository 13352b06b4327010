"""Mail: a letter is a row, written with the change that causes it, and sent once by a job.

A row is unique on (what, address, purpose) and keeps its Message-ID for ever, so a second try can never become a
second letter unseen. It goes queued → sending → sent. `sending` is committed just before the content is handed to
the mail server; a row that is found so later was interrupted between the hand-over and its note, nobody can know
whether the letter left, and it becomes `unsure`: shown to an administrator, sent again only on purpose.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from kit import changes, config, days, db, files, jobs, mail_templates, smtp
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _

_SEND = "send mail"
# With pauses of ten minutes at most: the mail server may be away for a day.
_ATTEMPTS = 150
_INTERRUPTED = (
    "The program stopped after the letter was handed to the mail server and before it answered, "
    "so nobody can say whether it arrived."
)
_NO_SERVER = "No mail server is configured, and a link that only its addressee may know is not kept. Ask for a new one later."
_SECRET = re.compile("⟦[a-z_]+⟧")
_NO_ANSWER = "The mail server did not answer after it was given the letter, so nobody can say whether it arrived ({words})."


async def post(
    *,
    what: str,
    address: str,
    purpose: str,
    template: str,
    context: dict[str, Any],
    attachments: Sequence[tuple[str, str]] = (),
    secrets: Mapping[str, str] | None = None,
    name: str = "",
    sender: str = "",
    reply_to: str = "",
    unsubscribe: str = "",
) -> int | None:
    """Write a letter, inside tx(); it is sent after the commit. Its row's id, or None when it was written before.

    `what` and `purpose` say what the letter is about ("receipt:12", "receipt"); the words are those of
    `templates/emails/<template>/`. `attachments` are (sha256, name) of kept files, `name` is the addressee's and
    `sender` the writer's, who writes from the address in the settings. `secrets` are further values for the words that
    open something, like the link of a password: the outbox never shows them, and they are forgotten when the letter is
    sent. `unsubscribe` is the address at which one click ends mails of this kind (RFC 8058); it opens something, too,
    and is kept no longer. Raises smtp.NoAddress for what cannot be an address.
    """
    smtp.wire_address(address)
    if reply_to:
        smtp.wire_address(reply_to)
    hidden = {key: _hidden(key) for key in secrets or {}}
    written = mail_templates.render(
        template, {**context, **hidden, "name": name, "sender": sender, "address": address}
    )
    async with db.tx():
        new = await db.value(
            """
            INSERT INTO mails (what, address, purpose, message_id, name, sender, reply_to, subject, body_text, body_html,
                               attachments, status, attempts, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', 0, $12)
            ON CONFLICT (what, address, purpose) DO NOTHING RETURNING id
            """,
            what,
            address,
            purpose,
            new_message_id(),
            smtp.one_line(name)[:200],
            smtp.one_line(sender)[:200],
            reply_to,
            written.subject,
            written.text,
            written.html,
            msgspec.json.encode([{"sha": sha, "name": file_name} for sha, file_name in attachments]).decode(),
            days.now(),
        )
        if new is not None:
            told: dict[str, Any] = {"mail_id": new, "secrets": dict(secrets or {})}
            if unsubscribe:
                told["unsubscribe"] = unsubscribe
            await jobs.enqueue(_SEND, told, dedupe=f"mail {new}")
        return new


def _hidden(key: str) -> str:
    """What stands in the row for a secret."""
    return f"⟦{key}⟧"


def new_message_id() -> str:
    """A Message-ID that nobody else uses."""
    settings = config.settings()
    host = (
        (settings.mail_from or "").rpartition("@")[2] or urlsplit(settings.base_url).hostname or "localhost"
    )
    return f"<{uuid4().hex}@{smtp.wire_address(f'x@{host}')[1]}>"


async def send_again(mail_id: int, *, by: Actor) -> None:
    """Send a letter that may or may not have arrived once more, because a person says so.

    Raises NotFound for an unknown letter, Refused for one that was sent, is on its way, or had a secret.
    """
    async with db.tx():
        letter = await db.row("SELECT * FROM mails WHERE id = $1 FOR UPDATE", mail_id)
        if letter is None:
            raise NotFound(f"There is no letter {mail_id}.")
        if not may_be_sent_again(letter):
            raise Refused(_("This letter cannot be sent again: {reason}", reason=_why_not(letter)))
        await db.value("UPDATE mails SET status = 'queued', error = NULL WHERE id = $1", mail_id)
        await jobs.enqueue(_SEND, {"mail_id": mail_id}, dedupe=f"mail {mail_id}")
        await changes.note("mail.sent_again", "mail", mail_id, by=by, before={"status": letter["status"]})


def may_be_sent_again(letter: Mapping[str, Any]) -> bool:
    """Whether a person may have this letter sent once more."""
    return letter["status"] in ("unsure", "failed", "refused") and not has_secret(letter)


def has_secret(letter: Mapping[str, Any]) -> bool:
    """Whether the letter held a link that only its addressee may know."""
    return _SECRET.search(letter["body_text"]) is not None


def _why_not(letter: Mapping[str, Any]) -> str:
    if has_secret(letter):
        return _("its link is only known to its addressee. Let them ask for a new one.")
    return _("it was sent, or is about to be.")


# Sending


@jobs.job(_SEND, attempts=_ATTEMPTS)
async def send(mail_id: int, secrets: dict[str, str] | None = None, unsubscribe: str = "") -> None:
    """Hand one letter to the mail server, unless it went or may have gone before."""
    mail = await db.row("SELECT * FROM mails WHERE id = $1", mail_id)
    if mail is None:
        return
    if mail["status"] == "sending":
        await _became(mail_id, "unsure", _INTERRUPTED, was=("sending",))
        return
    if mail["status"] not in ("queued", "failed"):
        return
    url = config.settings().smtp_url
    if url is None:
        if secrets:
            await _became(mail_id, "failed", _NO_SERVER)
        return  # else it stays queued; `send_what_waits` finds it when there is a mail server
    letter = await _letter(mail, secrets or {}, unsubscribe)
    try:
        if await smtp.hand_over(url, letter, may_go=lambda: _is_ours(mail_id)):
            await _became(mail_id, "sent", None, was=("sending", "unsure"))
    except smtp.Refused as answer:
        await _became(mail_id, "refused", str(answer))
    except smtp.Unsure as trouble:
        await _became(mail_id, "unsure", _NO_ANSWER.format(words=trouble))
    except smtp.NotNow as trouble:
        run = jobs.current()
        await _became(mail_id, "failed" if run is not None and run.last else "queued", str(trouble))
        raise


async def _is_ours(mail_id: int) -> bool:
    """Only one run may go on to hand the letter over, and it leaves a trace before it does."""
    claimed = await db.value(
        "UPDATE mails SET status = 'sending', error = NULL, attempts = attempts + 1"
        " WHERE id = $1 AND status IN ('queued', 'failed') RETURNING id",
        mail_id,
    )
    return claimed is not None


async def _became(
    mail_id: int,
    status: str,
    error: str | None,
    was: tuple[str, ...] = ("queued", "failed", "sending", "unsure"),
) -> None:
    await db.value(
        "UPDATE mails SET status = $2, error = $3, sent_at = $4 WHERE id = $1 AND status = ANY($5::text[])",
        mail_id,
        status,
        error,
        days.now() if status == "sent" else None,
        list(was),
    )


async def _letter(mail: dict[str, Any], secrets: dict[str, str], unsubscribe: str) -> smtp.Letter:
    attachments = []
    for item in msgspec.json.decode(mail["attachments"]):
        file = await files.read(item["sha"])
        attachments.append(smtp.Attachment(item["name"], file.media_type, file.data))
    return smtp.Letter(
        address=mail["address"],
        name=mail["name"],
        sender_address=config.settings().mail_from or "",
        sender=mail["sender"],
        reply_to=mail["reply_to"],
        message_id=mail["message_id"],
        subject=mail["subject"],
        text=_told(mail["body_text"], secrets),
        html=_told(mail["body_html"], {key: escape(value) for key, value in secrets.items()})
        if mail["body_html"]
        else None,
        attachments=tuple(attachments),
        date=days.now(),
        unsubscribe=unsubscribe,
    )


def _told(words: str, secrets: Mapping[str, str]) -> str:
    """The words with their secrets in place."""
    for key, value in secrets.items():
        words = words.replace(_hidden(key), value)
    return words


@jobs.every("send mail that waits", "*/5 * * * *")
async def send_what_waits() -> None:
    """Take up letters that wait without a job, as after a mail server was configured."""
    if config.settings().smtp_url is None:
        return
    promised = {args["mail_id"] for args in await jobs.promised(_SEND)}
    async with db.tx():
        for waiting in await db.rows("SELECT id FROM mails WHERE status = 'queued' ORDER BY id"):
            if waiting["id"] not in promised:
                await jobs.enqueue(_SEND, {"mail_id": waiting["id"]}, dedupe=f"mail {waiting['id']}")


# Questions of the outbox page


async def outbox(
    status: str | None = None, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Letters without their words, newest first; those of one status, and older than `before`, if asked so."""
    return await db.rows(
        """
        SELECT id, what, purpose, address, name, subject, status, error, attempts, created_at, sent_at FROM mails
         WHERE ($1::text IS NULL OR status = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
        """,
        status,
        before,
        limit,
    )


async def read(mail_id: int) -> dict[str, Any]:
    """One letter with its words. Raises NotFound."""
    mail = await db.row("SELECT * FROM mails WHERE id = $1", mail_id)
    if mail is None:
        raise NotFound(f"There is no letter {mail_id}.")
    return {**mail, "attachments": msgspec.json.decode(mail["attachments"])}


async def counts() -> dict[str, int]:
    """How many letters there are of each status that wants attention or waits."""
    found = await db.rows(
        "SELECT status, count(*) AS count FROM mails WHERE status <> 'sent' GROUP BY status"
    )
    by_status = {x["status"]: x["count"] for x in found}
    return {
        status: by_status.get(status, 0) for status in ("unsure", "failed", "refused", "queued", "sending")
    }
