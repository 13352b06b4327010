"""The mailbox takes mail as a server does, keeps it, fails on demand and shows it."""

import smtplib
import socket
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, cast

import aiosmtplib
import httpx
import pytest
from litestar import Litestar

from demo import mailbox as mailboxes
from demo import mailbox_pages
from demo.mailbox import Mailbox
from demo.pages import problem_pages


def mail(to: str = "zoë@example.org", subject: str = "Thank you, Zoë", **more: Any) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Riverbend Food Bank <office@riverbend.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<receipt-12@riverbend.example>"
    message.set_content("Dear Zoë,\nthank you for 25 €.\n")
    if more.get("html"):
        message.add_alternative(more["html"], subtype="html")
    for name, kind, data in more.get("files", ()):
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message


def send(mailbox: Mailbox, message: EmailMessage, to: str = "zoe@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as smtp:
        smtp.sendmail("bounces@riverbend.example", [to], message.as_bytes(policy=SMTP))


async def test_a_mail_arrives_as_it_was_sent(mailbox: Mailbox):
    pdf = b"%PDF-1.7\n" + bytes(range(256)) * 500
    message = mail(html="<p>Dear <b>Zoë</b></p>", files=[("receipt Łódź.pdf", "application/pdf", pdf)])

    await aiosmtplib.send(
        message, hostname="127.0.0.1", port=mailbox.port, recipients=["zoe@example.org", "copy@example.org"]
    )

    (kept,) = mailbox.mails
    assert kept.subject == "Thank you, Zoë"
    assert kept.recipients == ("zoe@example.org", "copy@example.org")
    assert kept.message["message-id"] == "<receipt-12@riverbend.example>"
    assert kept.text == "Dear Zoë,\nthank you for 25 €.\n"
    assert "<b>Zoë</b>" in kept.html
    assert kept.attachments == [("receipt Łódź.pdf", "application/pdf", pdf)]


def test_mails_survive_a_restart_in_their_order(tmp_path: Path):
    with mailboxes.running(tmp_path) as first:
        for number in range(3):
            send(first, mail(subject=f"Mail {number}"))
        assert [kept.subject for kept in first.mails] == ["Mail 0", "Mail 1", "Mail 2"]
    with mailboxes.running(tmp_path) as second:
        assert [kept.subject for kept in second.mails] == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_line_that_begins_with_a_dot_and_a_long_one(mailbox: Mailbox):
    message = mail()
    message.set_content(".\n..two\n" + "x" * 990 + "\n", cte="8bit")
    send(mailbox, message)
    assert mailbox.mails[0].text == ".\n..two\n" + "x" * 990 + "\n"


def test_a_refused_recipient(mailbox: Mailbox):
    mailbox.refuse("zoe@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(mailbox, mail(), "Zoe@example.org")
    assert refusal.value.recipients["Zoe@example.org"][0] == 550
    assert mailbox.mails == []


def test_busy_once(mailbox: Mailbox):
    mailbox.busy_once()
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(mailbox, mail())
    assert refusal.value.recipients["zoe@example.org"][0] == 451
    send(mailbox, mail())
    assert len(mailbox.mails) == 1


def test_a_line_that_is_cut_after_data_keeps_the_mail(mailbox: Mailbox):
    mailbox.drop_next()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(mailbox, mail())
    assert len(mailbox.mails) == 1
    send(mailbox, mail())
    assert len(mailbox.mails) == 2


def test_a_slow_server(mailbox: Mailbox):
    mailbox.slow(2)
    smtp = smtplib.SMTP("127.0.0.1", mailbox.port, timeout=0.5)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        smtp.sendmail("a@example.org", ["zoe@example.org"], mail().as_bytes(policy=SMTP))
    smtp.close()
    assert len(mailbox.mails) == 1


def test_a_caller_that_goes_away_before_the_end_leaves_nothing(mailbox: Mailbox):
    with socket.create_connection(("127.0.0.1", mailbox.port)) as line:
        line.sendall(
            b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<zoe@example.org>\r\nDATA\r\nSubject: half\r\n"
        )
    assert mailbox.mails == []


# ---- the page -----------------------------------------------------------------------------------------


@pytest.fixture
def browser(mailbox: Mailbox) -> httpx.AsyncClient:
    app = Litestar(mailbox_pages.handlers(mailbox), openapi_config=None, exception_handlers=problem_pages())
    return httpx.AsyncClient(transport=httpx.ASGITransport(cast(Any, app)), base_url="http://mailbox")


async def test_the_list_is_newest_first_and_found_by_recipient(mailbox: Mailbox, browser: httpx.AsyncClient):
    assert "No mail yet" in (await browser.get("/mailbox")).text
    send(mailbox, mail(subject="First"), "zoe@example.org")
    send(mailbox, mail(subject="Second"), "tom@example.org")
    page = (await browser.get("/mailbox")).text
    assert page.index("Second") < page.index("First")
    found = (await browser.get("/mailbox", params={"q": "ZOE"})).text
    assert "First" in found
    assert "Second" not in found
    assert "No mail went to" in (await browser.get("/mailbox", params={"q": "nobody"})).text


async def test_many_mails_come_in_pages(mailbox: Mailbox, browser: httpx.AsyncClient):
    for number in range(55):
        mailbox.keep("a@example.org", ["zoe@example.org"], mail(subject=f"Mail {number:02}").as_bytes())
    page = (await browser.get("/mailbox")).text
    assert page.count("<li>") == 50
    older = page.split("before=")[1].split('"')[0]
    rest = (await browser.get("/mailbox", params={"before": older})).text
    assert rest.count("<li>") == 5
    assert "Mail 00" in rest


async def test_one_mail_with_its_text_its_look_and_its_files(mailbox: Mailbox, browser: httpx.AsyncClient):
    files = [
        ("receipt.pdf", "application/pdf", b"%PDF-1.7"),
        ("page.html", "text/html", b"<script>alert(1)</script>"),
    ]
    send(mailbox, mail(html="<p>Dear <b>Zoë</b></p><script>alert(1)</script>", files=files))
    address = f"/mailbox/{mailbox.mails[0].id}"

    page = await browser.get(address)
    assert page.status_code == 200
    for words in (
        "Thank you, Zoë",
        "thank you for 25 €",
        "receipt.pdf",
        "receipt-12@riverbend.example",
        "sandbox=",
    ):
        assert words in page.text
    look = await browser.get(f"{address}/html")
    assert "<b>Zoë</b>" in look.text
    assert "sandbox" in look.headers["content-security-policy"]
    assert "default-src 'none'" in look.headers["content-security-policy"]
    pdf = await browser.get(f"{address}/files/0")
    assert (pdf.content, pdf.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert pdf.headers["content-disposition"].startswith("inline")
    html = await browser.get(f"{address}/files/1")
    assert html.headers["content-type"].startswith("application/octet-stream")
    assert html.headers["content-disposition"].startswith("attachment")
    assert b"Subject:" in (await browser.get(f"{address}/source")).content


@pytest.mark.parametrize(
    "address", ["1-a", "1-a/html", "1-a/files/0", "..%2f..%2fetc%2fpasswd", "%00", "1-a/source"]
)
async def test_a_mail_that_is_not_there(browser: httpx.AsyncClient, address: str):
    assert (await browser.get(f"/mailbox/{address}")).status_code in (400, 404)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Subject: =?utf-8?b?//?=\r\n\r\nx",
        b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing",
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"From: <\r\nTo: >>\r\nDate: never\r\nMessage-ID: <<>>\r\n\r\n" + b"x" * 100,
    ],
)
async def test_a_broken_mail_is_shown_as_well_as_it_can_be(
    mailbox: Mailbox, browser: httpx.AsyncClient, content: bytes
):
    id = mailbox.keep("", ["zoe@example.org"], content)
    for address in ("/mailbox", f"/mailbox/{id}", f"/mailbox/{id}/html", f"/mailbox/{id}/source"):
        assert (await browser.get(address)).status_code == 200
