"""The mailbox as a person reads it: newest first, by recipient; one mail with its text, look and attachments."""

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from demo.mailbox import Mail, Mailbox, header
from demo.pages import page

PAGE = 50
# What a browser may open by itself; everything else is saved.
OPENS = {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"}
_MAIL_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups"


def handlers(mailbox: Mailbox) -> list:
    """The routes of the mailbox."""

    @get("/mailbox", name="mailbox:index", sync_to_thread=True)
    def index(q: FromQuery[str] = "", before: FromQuery[str] = "") -> Response[str]:
        wanted = q.strip().lower()
        found, more = _found(mailbox, wanted, before)
        return page(
            "mailbox.html",
            mails=[_row(mail) for mail in found],
            q=q.strip()[:200],
            older=found[-1].id if more else "",
        )

    @get("/mailbox/{id:str}", name="mailbox:show", sync_to_thread=True)
    def show(id: FromPath[str]) -> Response[str]:
        mail = _sure(mailbox, id)
        return page(
            "mail.html",
            frames=True,
            mail=mail,
            headers=_headers(mail),
            files=_files(mail),
            text=mail.text,
            html=mail.html,
        )

    @get("/mailbox/{id:str}/html", name="mailbox:html", sync_to_thread=True)
    def html(id: FromPath[str]) -> Response[str]:
        own = {
            "content-security-policy": _MAIL_CSP,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        }
        return Response(_sure(mailbox, id).html, media_type=MediaType.HTML, headers=own)

    @get("/mailbox/{id:str}/source", name="mailbox:source", sync_to_thread=True)
    def source(id: FromPath[str]) -> Response[bytes]:
        return Response(
            _sure(mailbox, id).content,
            media_type="text/plain",
            headers={"x-content-type-options": "nosniff", "content-security-policy": "sandbox"},
        )

    @get("/mailbox/{id:str}/files/{place:int}", name="mailbox:file", sync_to_thread=True)
    def file(id: FromPath[str], place: FromPath[int]) -> Response[bytes]:
        files = _sure(mailbox, id).attachments
        if not 0 <= place < len(files):
            raise NotFoundException
        name, kind, data = files[place]
        how = "inline" if kind in OPENS else "attachment"
        safe = {
            "content-disposition": f"{how}; filename*=UTF-8''{quote(PurePosixPath(name).name)}",
            "x-content-type-options": "nosniff",
        }
        if kind != "application/pdf":  # Chromium's own viewer does not run in a sandbox
            safe["content-security-policy"] = "sandbox"
        return Response(data, media_type=kind if kind in OPENS else "application/octet-stream", headers=safe)

    return [index, show, html, source, file]


def _found(mailbox: Mailbox, wanted: str, before: str) -> tuple[list[Mail], bool]:
    """A page of mails to this recipient, and whether there are older ones."""
    found: list[Mail] = []
    for id in mailbox.ids():
        if before and id >= before:
            continue
        mail = mailbox.get(id)
        if mail and (not wanted or any(wanted in address.lower() for address in mail.recipients)):
            if len(found) == PAGE:
                return found, True
            found.append(mail)
    return found, False


def _row(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "from": _name(header(mail.message, "from")) or mail.sender,
        "to": ", ".join(mail.recipients),
        "subject": mail.subject or "(no subject)",
        "arrived": mail.arrived.strftime("%d %b, %H:%M:%S"),
        "files": len(mail.attachments),
    }


def _name(address: str) -> str:
    return re.sub(r"\s*<[^>]*>\s*\Z", "", address).strip('" ') or address


def _sure(mailbox: Mailbox, id: str) -> Mail:
    mail = mailbox.get(id)
    if mail is None:
        raise NotFoundException
    return mail


def _headers(mail: Mail) -> list[tuple[str, str]]:
    names = ("from", "to", "cc", "reply-to", "date", "message-id", "list-unsubscribe")
    found = [(name.title(), text) for name in names if (text := header(mail.message, name))]
    return [*found, ("Delivered to", ", ".join(mail.recipients)), ("Sent by", mail.sender or "<>")]


def _files(mail: Mail) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "kind": kind,
            "size": f"{max(1, round(len(data) / 1024))} KB",
            "opens": "yes" if kind in OPENS else "",
        }
        for name, kind, data in mail.attachments
    ]
