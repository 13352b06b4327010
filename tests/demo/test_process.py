"""`python -m demo`: both servers in one process, ended cleanly or killed, and nothing acknowledged is lost."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from demo.mailbox import Mailbox
from demo.stand_in import TEST_KEY
from tests.demo.conftest import session_params

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """The process, as `bin/serve` starts it."""

    def __init__(self, var: Path) -> None:
        self.web, self.smtp = free_port(), free_port()
        self.environment = os.environ | {
            "ALMONER_VAR": str(var),
            "STANDIN_PORT": str(self.web),
            "MAILBOX_SMTP_PORT": str(self.smtp),
        }
        self.environment.pop("STRIPE_WEBHOOK_URL", None)
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    def start(self) -> None:
        command = [sys.executable, "-m", "demo"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def stop(self, number: int) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "var")
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ready_and_ends_when_told(demo: Demo, number: int):
    demo.start()
    for page in ("/control", "/mailbox", "/demo.css"):
        assert httpx.get(demo.url + page).status_code == 200
    with httpx.stream("GET", f"{demo.url}/control"):  # an open line does not keep it
        assert demo.stop(number) == 0


@pytest.mark.reliability
def test_kill_9_loses_nothing_that_was_acknowledged(demo: Demo):
    made: list[str] = []
    sent: list[str] = []

    def give(round: int) -> None:
        client = stripe.StripeClient(TEST_KEY, base_addresses={"api": demo.url}, max_network_retries=0)
        with suppress(stripe.APIConnectionError):
            for number in count():
                options: Any = {"idempotency_key": f"{round}-{number}"}
                made.append(client.v1.checkout.sessions.create(session_params(), options).id)

    def write(round: int) -> None:
        with suppress(OSError, smtplib.SMTPException):
            for number in count():
                subject = f"{round}-{number}"
                with smtplib.SMTP("127.0.0.1", demo.smtp) as smtp:
                    smtp.sendmail("a@example.org", ["zoe@example.org"], f"Subject: {subject}\r\n\r\nx")
                sent.append(subject)

    for round in range(3):
        demo.start()
        threads = [threading.Thread(target=deed, args=(round,)) for deed in (give, write)]
        for thread in threads:
            thread.start()
        wanted = len(made) + 5, len(sent) + 5
        while len(made) < wanted[0] or len(sent) < wanted[1]:
            time.sleep(0.01)
        assert demo.stop(signal.SIGKILL) == -9
        for thread in threads:
            thread.join()

    demo.start()
    client = stripe.StripeClient(TEST_KEY, base_addresses={"api": demo.url})
    there = {session.id for session in client.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()}
    assert set(made) <= there
    kept = {mail.subject for mail in Mailbox(Path(demo.environment["ALMONER_VAR"]) / "mailbox").mails}
    assert set(sent) <= kept


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("STANDIN_PORT", "many", "must be a port number"),
        ("MAILBOX_SMTP_PORT", "taken", "cannot be used"),
        ("ALMONER_VAR", "/dev/null/x", "cannot be written"),
    ],
)
def test_a_wrong_setting_is_one_sentence(demo: Demo, name: str, value: str, words: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = demo.environment | {name: port if value == "taken" else value}
        done = subprocess.run(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
