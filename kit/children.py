"""Child processes that live and die with us: started, watched, started again, stopped.

A parent that is killed with -9 takes its children along (the kernel sees to it), so the next start finds nothing of
the last one in its way.
"""

import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from kit.postgres import dying_with_us

_LONGEST_PAUSE = 30.0
_LONG_ENOUGH = 60.0
"""A child that lived for so many seconds is well again: its next pause is the shortest."""


class CannotStart(Exception):
    """Something does not come up; the text says what to do."""


class Watched(Protocol):
    """What a family looks after."""

    name: str

    def start(self) -> object: ...
    def ended(self) -> str | None: ...
    def stop(self) -> None: ...


class Child:
    """One program of ours. With `says_ready`, it has started when it has printed a line "ready"."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        says_ready: bool = False,
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environ = dict(environ)
        self._cwd = cwd
        self._says_ready = says_ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env=self._environ,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self._says_ready else None,
            start_new_session=True,  # Ctrl-C in our terminal reaches us alone, and we stop them in order
            preexec_fn=dying_with_us(signal.SIGKILL),
        )
        if self._says_ready:
            self._wait_for_ready(self._process)

    def ended(self) -> str | None:
        """How it ended, or None while it runs."""
        code = self._process.poll() if self._process else 0
        if code is None:
            return None
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def stop(self, patience: float = 10.0) -> None:
        """Ask, wait, and take no excuse."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_for_ready(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == b"ready":
                threading.Thread(target=_drain, args=[process], daemon=True).start()
                return
        raise CannotStart(
            f"The {self.name} ended before it was ready ({self.ended() or 'closed its output'})."
        )


def _drain(process: subprocess.Popen[bytes]) -> None:
    """Nobody reads on after "ready", and a full pipe would stop the child."""
    assert process.stdout is not None
    for _ in process.stdout:
        pass


class Family:
    """Things that run together, in order; each one that ends is started again, with growing pauses."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._members: list[Watched] = []
        self._pauses: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._due: dict[str, float] = {}

    def start(self, member: Watched) -> None:
        self._members.append(member)
        self._started[member.name] = time.monotonic()
        member.start()

    def look_after(self) -> NoReturn:
        """For ever; whoever wants to leave raises from a signal."""
        while True:
            time.sleep(0.25)
            for member in self._members:
                self._look_at(member)

    def _look_at(self, member: Watched) -> None:
        now, name = time.monotonic(), member.name
        if name in self._due:
            if now >= self._due[name]:
                self._start_again(member)
            return
        how = member.ended()
        if how is None:
            return
        healthy = now - self._started[name] > _LONG_ENOUGH
        pause = 0.5 if healthy else min(2 * self._pauses.get(name, 0.25), _LONGEST_PAUSE)
        self._pauses[name], self._due[name] = pause, now + pause
        self._say(f"The {name} ended ({how}); starting it again in {pause:g} s.")

    def _start_again(self, member: Watched) -> None:
        del self._due[member.name]
        self._started[member.name] = time.monotonic()
        try:
            member.start()
        except Exception as problem:
            self._say(f"The {member.name} did not start: {problem}")

    def stop(self) -> None:
        """Last come, first gone: nobody loses what it still needs."""
        while self._members:
            self._members.pop().stop()


def run(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> int:
    """Run a program of ours to its end; its exit code."""
    done = subprocess.run(
        command,
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dying_with_us(signal.SIGKILL),
    )
    return done.returncode


class OnlyOne:
    """A lock on a folder, which says who holds it. It falls with its process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def write(self, who: str) -> None:
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, who.encode(), 0)

    def holder(self) -> str:
        return self._path.read_text().strip()


# ------------------------------------------------------------------------------------------------ ports and answers


def is_free(host: str, port: int) -> bool:
    """Whether nothing at all listens there; only binding tells. A name is tried at each address that it has."""
    for address in ("127.0.0.1", "::1") if host == "localhost" else (host,):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((address, port))
                trial.listen(1)
        except OSError as problem:
            if problem.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) and address == "::1":
                continue  # this computer has no IPv6
            if problem.errno == errno.EADDRINUSE:
                return False
            raise CannotStart(
                f"Nothing can listen on {address} port {port}: {problem.strerror}."
            ) from problem
    return True


def free_port(wanted: int, but: Container[int] = ()) -> int:
    """The wanted port, or any other if that one is taken or is one that somebody else is about to take (`but`)."""
    if 0 < wanted <= 65535 and wanted not in but and is_free("localhost", wanted):
        return wanted
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def answers(host: str, port: int, path: str) -> bool:
    """Whether a page there says 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
