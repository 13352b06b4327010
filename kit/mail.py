"""Mail: a letter is a row, written with the change that causes it, and sent once by a job.

A row is unique on (what, address, purpose) and keeps its Message-ID for ever, so a second try can never become a
second letter unseen. It goes queued → sending → sent. `sending` is committed just before the content is handed to
the mail server; a row that is found so later was interrupted between the hand-over and its note, nobody can know
whether the letter left, and it becomes `unsure`: shown to an administrator, sent again only on purpose.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kit import config, days, db, files, jobs, mail_templates, smtp
from kit.errors import NotFound, Refused

_SEND = "send mail"
# With pauses of ten minutes at most: the mail server may be away for a day.
_ATTEMPTS = 150
_INTERRUPTED = (
    "The program stopped after the letter was handed to the mail server and before it answered, "
    "so nobody can say whether it arrived."
)
_NO_ANSWER = "The mail server did not answer after it was given the letter, so nobody can say whether it arrived ({words})."


async def post(
    *,
    what: str,
    address: str,
    purpose: str,
    template: str,
    context: dict[str, Any],
    attachments: Sequence[tuple[str, str]] = (),
    name: str = "",
    sender: str = "",
    reply_to: str = "",
) -> int | None:
    """Write a letter, inside tx(); it is sent after the commit. Its row's id, or None when it was written before.

    `what` and `purpose` say what the letter is about ("receipt:12", "receipt"); the words are those of
    `templates/emails/<template>/`. `attachments` are (sha256, name) of kept files, `name` is the addressee's and
    `sender` the writer's, who writes from the address in the settings. Raises smtp.NoAddress for what cannot be an address.
    """
    smtp.wire_address(address)
    written = mail_templates.render(template, {**context, "name": name, "sender": sender, "address": address})
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
            _new_message_id(),
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
            await jobs.enqueue(_SEND, {"mail_id": new}, dedupe=f"mail {new}")
        return new


def _new_message_id() -> str:
    settings = config.settings()
    host = (
        (settings.mail_from or "").rpartition("@")[2] or urlsplit(settings.base_url).hostname or "localhost"
    )
    return f"<{secrets.token_hex(16)}@{smtp.wire_address(f'x@{host}')[1]}>"


async def send_again(mail_id: int) -> None:
    """Send a letter that may or may not have arrived once more, because a person says so.

    Raises NotFound for an unknown letter, Refused for one that is on its way or was sent.
    """
    async with db.tx():
        status = await db.value("SELECT status FROM mails WHERE id = $1 FOR UPDATE", mail_id)
        if status is None:
            raise NotFound(f"There is no letter {mail_id}.")
        if status not in ("unsure", "failed", "refused"):
            raise Refused("This letter was sent or is about to be sent: it cannot be sent again.")
        await db.value("UPDATE mails SET status = 'queued', error = NULL WHERE id = $1", mail_id)
        await jobs.enqueue(_SEND, {"mail_id": mail_id}, dedupe=f"mail {mail_id}")


# Sending


@jobs.job(_SEND, attempts=_ATTEMPTS)
async def send(mail_id: int) -> None:
    """Hand one letter to the mail server, unless it went or may have gone before."""
    mail = await db.row("SELECT * FROM mails WHERE id = $1", mail_id)
    if mail is None:
        return
    if mail["status"] == "sending":
        await _became(mail_id, "unsure", _INTERRUPTED, was=("sending",))
        return
    url = config.settings().smtp_url
    if mail["status"] not in ("queued", "failed") or url is None:
        return  # without a mail server it stays queued; `send_what_waits` finds it when there is one
    letter = await _letter(mail)
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


async def _letter(mail: dict[str, Any]) -> smtp.Letter:
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
        text=mail["body_text"],
        html=mail["body_html"],
        attachments=tuple(attachments),
        date=days.now(),
    )


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
