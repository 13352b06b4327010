"""What the stand-in remembers, in one SQLite file (or in memory, for tests).

Objects lie as JSON under their id, newest first by (created, seq), as Stripe lists them. A transaction covers the
effect of a request, its events, their deliveries and the answer kept for its idempotency key: kill -9 at any moment
leaves all of it or nothing. WAL with synchronous=NORMAL keeps what was committed when the process dies.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_newest_first ON objects (kind, created, seq);
CREATE INDEX IF NOT EXISTS objects_by_payment ON objects (json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_by_source ON objects (json_extract(body, '$.source'));
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (json_extract(body, '$.charge'));
CREATE TABLE IF NOT EXISTS kept_answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at REAL NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL, due REAL NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (status, due);
CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS tasks_due ON tasks (due);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("objects", "kept_answers", "deliveries", "tasks", "settings")

Body = dict[str, Any]


class Store:
    """One connection, used by whichever thread holds the lock."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10
        )
        if path:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def tx(self) -> Iterator[None]:
        """All or nothing; nested use joins the outer one."""
        with self.lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def query(self, sql: str, *values: Any) -> list[tuple]:
        """Rows of a statement."""
        with self.lock:
            return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        """Put the write-ahead log away."""
        with self.lock:
            self._db.close()

    def forget_all(self) -> None:
        """An empty stand-in."""
        with self.tx():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above

    def get(self, id: str, kind: str | None = None) -> Body | None:
        """The object of that id, if it is of that kind."""
        rows = self.query("SELECT body FROM objects WHERE id = ?", id)
        body = msgspec.json.decode(rows[0][0]) if rows else None
        return body if body is not None and kind in (None, body["object"]) else None

    def put(self, body: Body) -> Body:
        """Keep an object as it now is."""
        self.query(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            body["id"],
            body["object"],
            body.get("created", 0),
            msgspec.json.encode(body).decode(),
        )
        return body

    def find(
        self, kind: str, where: str = "", values: tuple = (), *, limit: int = -1, oldest_first: bool = False
    ) -> list[Body]:
        """Objects of a kind, newest first. `where` is our own SQL with `?` for each value, never a caller's text."""
        order = "created, seq" if oldest_first else "created DESC, seq DESC"
        sql = f"SELECT body FROM objects WHERE kind = ? {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return [msgspec.json.decode(row[0]) for row in self.query(sql, kind, *values, limit)]

    def place(self, id: str) -> tuple[int, int] | None:
        """Where an object stands in the lists: (created, seq)."""
        rows = self.query("SELECT created, seq FROM objects WHERE id = ?", id)
        return (rows[0][0], rows[0][1]) if rows else None
