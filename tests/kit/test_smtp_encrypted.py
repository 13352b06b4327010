"""Handing a letter over encrypted: real mail servers with a certificate of our own making."""

import contextlib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from kit import smtp
from tests.kit.test_mail import Mailbox, _free_port

# Neither localhost nor 127.0.0.1, where letters need no encryption.
ELSEWHERE = "127.0.0.2"
LETTER = smtp.Letter(
    address="rosa@example.org", name="Rosa Luz", sender_address="gifts@riverbend.example", sender="Riverbend",
    reply_to="", message_id="<1@riverbend.example>", subject="Thank you", text="Thank you.", html=None,
    attachments=(), date=datetime(2026, 3, 4, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate that nobody vouches for but ourselves, with its key beside it."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail -keyout key.pem -out certificate.pem"
    words = [*command.split(), "-addext", f"subjectAltName=IP:{ELSEWHERE}"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture
def trusted(certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


class Encrypting(Mailbox):
    """A mail server with TLS from the start (smtps), after STARTTLS, or without any. Takes a password under TLS alone."""

    def __init__(self, certificate: Path, scheme: str, *, offers: bool = True) -> None:
        super().__init__()
        self.scheme = scheme
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        options: dict[str, Any] = {"auth_require_tls": False}
        if scheme == "smtps":
            options |= {"ssl_context": context}
        elif offers:
            options = {"tls_context": context, "require_starttls": True, "auth_require_tls": True}
        self.controller = Controller(
            self, ELSEWHERE, _free_port(), authenticator=self._checked, ident="test", **options
        )
        with contextlib.suppress(ssl.SSLError):  # the controller looks whether it answers, and trusts nobody
            self.controller.start()

    def _checked(self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss/word")

    async def take(self, user: str = "us:p%40ss%2Fword@") -> bool:
        async def may_go() -> bool:
            return True

        url = f"{self.scheme}://{user}{ELSEWHERE}:{self.controller.port}"
        return await smtp.hand_over(url, LETTER, may_go=may_go)


@pytest.fixture
def server(certificate) -> Iterator[Callable[..., Encrypting]]:
    running: list[Encrypting] = []

    def start(scheme: str, **options: Any) -> Encrypting:
        running.append(Encrypting(certificate, scheme, **options))
        return running[-1]

    yield start
    for one in running:
        one.controller.stop()


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
@pytest.mark.usefixtures("trusted")
async def test_letters_and_passwords_go_encrypted(server, scheme):
    box = server(scheme)
    assert await box.take()
    assert box.logins == [(b"us", b"p@ss/word")]
    assert len(box.envelopes) == 1


@pytest.mark.usefixtures("trusted")
async def test_without_a_password_encryption_is_taken_where_it_is_offered(server):
    box = server("smtp")  # which refuses whatever comes before STARTTLS
    assert await box.take(user="")
    assert len(box.envelopes) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_a_server_that_nobody_vouches_for_gets_neither_letter_nor_password(server, scheme):
    box = server(scheme)
    with pytest.raises(smtp.NotNow, match=r"(?i)certificate"):
        await box.take()
    assert (box.logins, box.envelopes) == ([], [])


async def test_a_password_is_not_said_to_a_server_without_encryption(server):
    box = server("smtp", offers=False)
    with pytest.raises(smtp.NotNow, match=r"(?i)starttls"):
        await box.take()
    assert (box.logins, box.envelopes) == ([], [])
