"""Mail: written once, sent once, and said so when nobody can know."""

import asyncio
import dataclasses
import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope
from jinja2 import FileSystemLoader

from kit import config, db, files, job_list, jobs, mail, mail_templates, smtp, templates
from kit.changes import SYSTEM
from kit.errors import NotFound, Refused

ROOT = Path(__file__).resolve().parents[2]


class Mailbox:
    """A real mail server on this computer that keeps what it gets, and answers as a test wants."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self.at_data: Callable[[Server], str | None] = lambda server: None
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_MAIL(
        self, server: Server, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Server, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Any, envelope: Any) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope)
        return self.at_data(server) or "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(x.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
            for x in self.envelopes
        ]


def decoded(mailbox: Mailbox, header: str) -> str:
    """A header as mail programs read it; the library's new parser has spaces in the middle of long names."""
    message = email.message_from_bytes(mailbox.envelopes[0].content or b"")  # type: ignore[arg-type]
    return str(make_header(decode_header(message[header].replace("\r\n", "")))).strip()


def use(**changed: Any) -> None:
    config.use(msgspec.structs.replace(config.settings(), **changed))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    port = _free_port()

    def checked(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        box.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss/word")

    controller = Controller(
        box,
        "127.0.0.1",
        port,
        enable_SMTPUTF8=True,
        authenticator=checked,
        auth_require_tls=False,
        ident="test",
    )
    controller.start()
    before = config.settings()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    yield box
    config.use(before)
    controller.stop()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


@pytest.fixture(autouse=True)
def _letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two letters of our own beside the real ones."""
    folder = tmp_path / "emails"
    for name, text in {
        "plain/subject.txt": "A word for {{ name }}",
        "plain/body.txt": '{% extends "emails/layout.txt" %}{% block body %}Dear {{ name }}, <3 & more: {{ word }}{% endblock %}',
        "rich/subject.txt": "{{ word }}",
        "rich/body.txt": "{{ word }}\n",
        "rich/body.html": '{% extends "emails/layout.html" %}{% block body %}<p>{{ word }}</p>{% endblock %}',
        "broken/subject.txt": "x",
        "broken/body.txt": "{{ nobody_gave_this }}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for layout in ("layout.txt", "layout.html"):
        (folder / layout).write_text((templates.TEMPLATES / "emails" / layout).read_text())
    mail_templates._plain_environment.cache_clear()
    rich = templates.environment().overlay(loader=FileSystemLoader(tmp_path))
    monkeypatch.setattr(templates, "environment", lambda: rich)
    yield
    mail_templates._plain_environment.cache_clear()


async def post(**changed: Any) -> int | None:
    letter = {"what": "gift:1", "address": "rosa@example.org", "purpose": "thanks", "template": "plain",
              "name": "Rosa Luz", "sender": "Riverbend Food Bank", "context": {"word": "thanks"}}  # fmt: skip
    async with db.tx():
        return await mail.post(**{**letter, **changed})


async def posted(**changed: Any) -> int:
    new = await post(**changed)
    assert new is not None
    return new


async def status(mail_id: int) -> str:
    return (await mail.read(mail_id))["status"]


async def test_a_letter_is_sent_once_with_its_fixed_message_id(mailbox: Mailbox):
    number = await posted()
    assert await status(number) == "queued"

    await jobs.drain()

    letter = await mail.read(number)
    assert letter["status"] == "sent"
    assert letter["sent_at"] is not None
    [message] = mailbox.messages
    assert message["Message-ID"] == letter["message_id"]
    assert message["From"] == "Riverbend Food Bank <gifts@riverbend.example>"
    assert message["To"] == "Rosa Luz <rosa@example.org>"
    assert message["Subject"] == "A word for Rosa Luz"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] is not None


async def test_the_same_letter_is_written_once(mailbox: Mailbox):
    assert await post() is not None
    assert await post() is None
    assert await post(purpose="reminder") is not None

    await jobs.drain()

    assert len(mailbox.messages) == 2


async def test_a_letter_of_a_change_that_fails_is_not_sent(mailbox: Mailbox):
    async def change() -> None:
        async with db.tx():
            await post()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change()
    await jobs.drain()
    assert mailbox.messages == []
    assert await mail.outbox() == []


async def test_plain_text_is_not_escaped_and_html_is(mailbox: Mailbox):
    await post()
    await post(template="rich", purpose="rich", context={"word": "<b>5 & 6</b>"})
    await jobs.drain()

    plain, rich = mailbox.messages
    assert "Dear Rosa Luz, <3 & more: thanks" in plain.get_content()
    assert not plain.is_multipart()
    text, html = rich.iter_parts()  # type: ignore[misc]
    assert text.get_content().strip() == "<b>5 & 6</b>"  # type: ignore[union-attr]
    assert "<p>&lt;b&gt;5 &amp; 6&lt;/b&gt;</p>" in html.get_content()  # type: ignore[union-attr]


async def test_a_value_that_is_not_given_stops_the_letter():
    with pytest.raises(Exception, match="nobody_gave_this"):
        await post(template="broken")


async def test_attachments_go_with_the_letter(mailbox: Mailbox):
    sha = await files.keep(b"%PDF-1.7 not really", "application/pdf")
    await post(attachments=[(sha, "Beleg für Zoë\r\nX-Evil: 1.pdf")])
    await jobs.drain()

    [part] = mailbox.messages[0].iter_attachments()
    assert part.get_content_type() == "application/pdf"
    assert part.get_filename() == "Beleg für Zoë X-Evil: 1.pdf"
    assert part.get_content() == b"%PDF-1.7 not really"  # type: ignore[union-attr]


# What only the addressee may know


async def test_a_secret_is_in_the_letter_and_nowhere_else_once_it_is_sent(mailbox: Mailbox):
    number = await posted(template="rich", context={}, secrets={"word": "http://x/?a=1&b=hush"})
    assert "hush" not in str(await mail.read(number))
    assert "hush" not in str(await job_list.unfinished())

    await jobs.drain()

    text, html = mailbox.messages[0].iter_parts()
    assert "http://x/?a=1&b=hush" in text.get_content()  # type: ignore[union-attr]
    assert "http://x/?a=1&amp;b=hush" in html.get_content()  # type: ignore[union-attr]
    everything = await db.rows(
        "SELECT to_jsonb(m)::text FROM mails m UNION ALL SELECT to_jsonb(j)::text FROM pgqueuer j"
    )
    assert "hush" not in str(everything)


async def test_a_letter_with_a_secret_cannot_be_sent_again(mailbox: Mailbox):
    number = await posted(secrets={"word": "hush"}, context={})
    mailbox.answers["RCPT"] = "550 no"
    await jobs.drain()
    with pytest.raises(Refused, match="ask for a new one"):
        await mail.send_again(number, by=SYSTEM)


async def test_a_letter_with_a_secret_does_not_wait_for_a_mail_server():
    number = await posted(secrets={"word": "hush"}, context={})
    await jobs.drain()
    assert await status(number) == "failed"


# What must not get into a header


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00", "\x85"])
async def test_line_ends_in_names_add_no_header(mailbox: Mailbox, end: str):
    evil = f"Rosa{end}Bcc: victim@example.org{end}{end}<p>body"
    await post(
        template="rich",
        context={"word": evil.replace("\x00", "")},
        name=evil.replace("\x00", " "),
        sender=evil.replace("\x00", " "),
    )
    await jobs.drain()

    [message] = mailbox.messages
    assert message["Bcc"] is None
    assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}  # fmt: skip
    assert mailbox.envelopes[0].rcpt_tos == ["rosa@example.org"]


@pytest.mark.parametrize(
    "address",
    ["", "rosa", "rosa@", "@example.org", "a@b\r\nRCPT TO:<x@y>", "a b@example.org", "<a@example.org>", "a@b, c@d", "a@-x.org.ü..", 'a"b@x.org', '"a\r\nb"@x.org', '""@x.org', '"a"b"@x.org', '"a b'],
)  # fmt: skip
async def test_what_cannot_be_an_address_is_refused_at_once(address: str):
    with pytest.raises(smtp.NoAddress):
        await post(address=address)


@pytest.mark.parametrize(
    "name",
    [
        "Łucja Święcicka",
        "山田 太郎",
        "فاطمة الزهراء",
        'O\'Brien, "Bob" <x>',
        "😀" * 40,
        "x" * 200,
        "Ångström " * 22,
        "山田 太郎 " * 20,
    ],
)
async def test_names_of_every_script_arrive_as_they_are(mailbox: Mailbox, name: str):
    await post(name=name, template="rich", context={"word": name}, sender=name)
    await jobs.drain()

    shown = name.strip()
    quoted = shown.replace('"', '\\"')
    assert decoded(mailbox, "To") in (f"{shown} <rosa@example.org>", f'"{quoted}" <rosa@example.org>')
    assert shown in decoded(mailbox, "From").replace("\\", "")
    assert decoded(mailbox, "Subject") == shown
    assert all(byte < 128 for byte in mailbox.envelopes[0].content or b"")  # type: ignore[operator]


async def test_a_host_in_another_script_travels_in_ascii(mailbox: Mailbox):
    await post(address="rosa@bücher.example")
    await jobs.drain()
    assert mailbox.envelopes[0].rcpt_tos == ["rosa@xn--bcher-kva.example"]
    assert mailbox.messages[0]["To"].addresses[0].addr_spec == "rosa@xn--bcher-kva.example"


async def test_an_address_in_another_script_needs_a_server_that_can(mailbox: Mailbox):
    await post(address="用户@例子.example")
    await jobs.drain()
    assert mailbox.envelopes[0].rcpt_tos == ["用户@xn--fsqu00a.example"]
    assert "To: Rosa Luz <用户@xn--fsqu00a.example>\r\n" in (mailbox.envelopes[0].content or b"").decode()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address",
    ['"a b"@example.org', '"wilma..quensel"@example.org', r'"a\"b"@example.org', '"a@b"@example.org'],
)
async def test_a_quoted_name_before_the_at_travels_as_it_is(mailbox: Mailbox, address: str):
    await post(address=address)
    await jobs.drain()
    # The library that reads takes quotes off where it finds no need for them.
    told = (address, address.replace('"', ""))
    assert mailbox.envelopes[0].rcpt_tos[0] in told
    assert mailbox.messages[0]["To"].addresses[0].addr_spec in told


# When the mail server will not, or not now


async def test_an_address_that_the_server_refuses_is_refused_with_its_words(mailbox: Mailbox):
    mailbox.answers["RCPT"] = "550 5.1.1 no such person here"
    number = await posted()

    assert await jobs.drain() == ["send mail"]

    letter = await mail.read(number)
    assert (letter["status"], letter["error"]) == ("refused", "550 5.1.1 no such person here")


async def test_a_letter_that_the_server_refuses_is_refused(mailbox: Mailbox):
    mailbox.answers["DATA"] = "554 5.7.1 that is spam"
    number = await posted()
    await jobs.drain()
    assert await status(number) == "refused"


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
async def test_not_now_is_tried_again(mailbox: Mailbox, where: str):
    mailbox.answers[where] = "451 4.3.0 come back later"
    number = await posted()
    with pytest.raises(smtp.NotNow):
        await jobs.drain()
    letter = await mail.read(number)
    assert (letter["status"], letter["error"]) == ("queued", "451 4.3.0 come back later")

    mailbox.answers.clear()
    await jobs.drain()

    assert await status(number) == "sent"
    assert len(mailbox.messages) == 1


async def test_a_server_that_is_away_is_tried_again_and_in_the_end_the_letter_failed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(
        jobs._registry, "send mail", dataclasses.replace(jobs._registry["send mail"], attempts=4)
    )
    use(smtp_url=f"smtp://127.0.0.1:{_free_port()}")
    number = await posted()
    with pytest.raises(smtp.NotNow):
        await jobs.drain()
    assert await status(number) == "queued"

    await jobs.drain(expect_failures=True)

    letter = await mail.read(number)
    assert letter["status"] == "failed"
    assert "connecting" in letter["error"]


async def test_a_connection_that_breaks_after_the_letter_leaves_us_unsure(mailbox: Mailbox):
    def hang_up(server: Server) -> None:
        server.transport.abort()  # type: ignore[union-attr]

    mailbox.at_data = hang_up
    number = await posted()

    await jobs.drain()

    letter = await mail.read(number)
    assert letter["status"] == "unsure"
    assert "nobody can say whether it arrived" in letter["error"]
    mailbox.at_data = lambda server: None
    await mail.send_what_waits()
    assert await jobs.drain() == []
    assert len(mailbox.messages) == 1


async def test_a_letter_found_half_sent_is_unsure_and_not_sent_again(mailbox: Mailbox):
    number = await posted()
    await db.rows("UPDATE mails SET status = 'sending' WHERE id = $1", number)

    await jobs.drain()

    assert await status(number) == "unsure"
    assert mailbox.messages == []


async def test_an_unsure_letter_is_sent_again_on_purpose_under_the_same_message_id(mailbox: Mailbox):
    number = await posted()
    await db.rows("UPDATE mails SET status = 'unsure' WHERE id = $1", number)

    await mail.send_again(number, by=SYSTEM)
    await jobs.drain()

    assert await status(number) == "sent"
    assert mailbox.messages[0]["Message-ID"] == (await mail.read(number))["message_id"]


async def test_a_letter_that_was_sent_cannot_be_sent_again(mailbox: Mailbox):
    number = await posted()
    await jobs.drain()
    with pytest.raises(Refused):
        await mail.send_again(number, by=SYSTEM)
    with pytest.raises(NotFound):
        await mail.send_again(0, by=SYSTEM)


async def test_without_a_mail_server_letters_wait_until_there_is_one(mailbox: Mailbox):
    url = config.settings().smtp_url
    use(smtp_url=None)
    number = await posted()
    await jobs.drain()
    assert await status(number) == "queued"

    use(smtp_url=url)
    await mail.send_what_waits()
    await mail.send_what_waits()

    assert await jobs.drain() == ["send mail"]
    assert await status(number) == "sent"


async def test_user_and_password_of_the_address_are_used(mailbox: Mailbox):
    use(smtp_url=(config.settings().smtp_url or "").replace("smtp://", "smtp://us%40er:p%40ss%2Fword@"))
    await post()
    await jobs.drain()
    assert mailbox.logins == [(b"us@er", b"p@ss/word")]
    assert len(mailbox.messages) == 1


async def test_the_outbox_lists_letters_by_status_newest_first(mailbox: Mailbox):
    first, second = await posted(), await posted(purpose="reminder")
    await db.rows("UPDATE mails SET status = 'unsure' WHERE id = $1", second)
    assert [x["id"] for x in await mail.outbox()] == [second, first]
    assert [x["id"] for x in await mail.outbox("unsure")] == [second]
    assert [x["id"] for x in await mail.outbox(before=second)] == [first]
    assert (await mail.counts()) == {"unsure": 1, "failed": 0, "refused": 0, "queued": 1, "sending": 0}


# Killed


@pytest.mark.commits
@pytest.mark.reliability
async def test_killed_between_data_and_its_note_the_letter_is_unsure_and_not_sent_twice(mailbox: Mailbox):
    killed: list[int] = []

    def kill(server: Server) -> None:
        if not killed:
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)

    mailbox.at_data = kill
    number = await posted()
    worker = _worker()
    assert worker.wait(20) == -signal.SIGKILL
    assert await status(number) == "sending"

    worker = _worker()
    try:
        for _ in range(300):
            if await status(number) == "unsure":
                break
            await asyncio.sleep(0.05)
    finally:
        worker.kill()
        worker.wait()

    assert await status(number) == "unsure"
    assert len(mailbox.messages) == 1


def _worker() -> "subprocess.Popen[bytes]":
    settings = config.settings()
    known = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
    known |= {"SECRET_KEY": "x" * 32, "ALMONER_VAR": str(settings.var), "PYTHONPATH": str(ROOT)}
    known |= {"SMTP_URL": str(settings.smtp_url), "MAIL_FROM": str(settings.mail_from)}
    return subprocess.Popen(
        [sys.executable, "-c", "import asyncio; from kit import mail, worker; asyncio.run(worker.work())"],
        cwd=ROOT,
        env={**os.environ, **known},
    )
