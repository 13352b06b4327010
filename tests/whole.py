"""The whole application as a newcomer has it: `almoner serve` in a new folder, with its real children."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from kit import leftovers
from kit.postgres import OWNER, Server

ROOT = Path(__file__).resolve().parent.parent


class Almoner:
    """A running demo: web server, worker, PostgreSQL, pretend Stripe and mailbox, each a process of its own."""

    def __init__(self) -> None:
        self._place = leftovers.Folder("almoner-wholes-")
        self.folder = self._place.path
        self.folder.chmod(0o755)  # or root's database would lie elsewhere, where a killed run leaves it
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self.password = ""
        self.stripe_url = ""
        self._said = self.folder / "said.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Almoner":
        environ = {
            **os.environ,
            "ALMONER_VAR": str(self.folder / "var"),
            "PORT": str(self.port),
            "STANDIN_PORT": str(_free_port()),
            "MAILBOX_SMTP_PORT": str(_free_port()),
            # Donors come from many addresses: the tests say which, as a proxy on this computer would.
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            environ.pop(name, None)
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli", "serve"], cwd=ROOT, env=environ, stdout=said, stderr=said,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._wait()
        said = self.said()
        self.password = _first(r"with the password (\S+)", said)
        self.stripe_url = _first(r"(http://\S+)/control", said)
        return self

    def said(self) -> str:
        return self._said.read_text(errors="replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while "Ctrl-C stops it" not in self.said():
            assert self._process is not None
            assert self._process.poll() is None, self.said()[-3000:]
            assert time.monotonic() < deadline, self.said()[-3000:]
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            if self._process.poll() is None:
                self._process.kill()
        Server(self.folder / "var" / "postgres").destroy()
        self._place.remove()

    def kill(self, which: str) -> bool:
        """kill -9 of a child: "web" or "worker". False when it is not there just now."""
        word = {"web": b"app:create_app", "worker": b"worker"}[which]
        for pid in self._children():
            with contextlib.suppress(OSError):
                if word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False

    def _children(self) -> list[int]:
        assert self._process is not None
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    async def database(self) -> asyncpg.Connection:
        return await asyncpg.connect(Server(self.folder / "var" / "postgres").url(OWNER, "almoner"))

    async def control(self, deed: str, **given: Any) -> Any:
        """A deed of the pretend Stripe's control page."""
        async with httpx.AsyncClient(timeout=30, headers={"sec-fetch-site": "same-origin"}) as client:
            answer = await client.post(f"{self.stripe_url}/control/{deed}", json=given)
            answer.raise_for_status()
            return answer.json()["result"]

    async def __aenter__(self) -> "Almoner":
        return self.start()

    async def __aexit__(self, *_: object) -> None:
        self.stop()


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} not in: {text[-2000:]}"
    return found[1]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
