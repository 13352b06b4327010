"""Temporary folders that outlive nobody. A process that is killed with -9 cannot tidy up, and /tmp is kept for weeks.

Whoever makes a `Folder` holds a lock on it, and the next who makes one sweeps away those that nobody holds any more.
A folder whose name is fixed by what it serves says so (`claim`), and goes when that is gone.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

# Between the making of a folder and the lock on it; nothing takes that long.
_YOUNG = 60.0


class Folder:
    """A temporary folder of this process. `kind` is how its name begins."""

    def __init__(self, kind: str) -> None:
        sweep(kind)
        self.path = Path(tempfile.mkdtemp(prefix=kind))
        self._held = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Once or more often."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._held >= 0:
            os.close(self._held)
            self._held = -1


def sweep(kind: str) -> None:
    """Remove folders of this kind whose process has ended, however it ended."""
    for path in Path(tempfile.gettempdir()).glob(f"{kind}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _YOUNG and _is_left(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_left(path: Path) -> bool:
    """Nobody holds it. What is a link, or is somebody else's, cannot be opened here and raises OSError."""
    seen = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(seen, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(seen)
    return True


_CLAIM = "belongs-to"


def claim(path: Path, owner: Path) -> None:
    """Let a folder in /tmp say to which other place it belongs; and remove those whose place is gone."""
    with contextlib.suppress(FileExistsError):
        # Never through a link: others can write in /tmp too.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(path / _CLAIM, flags, 0o600), "w") as file:
            file.write(f"{owner}\n")
    for other in path.parent.glob(f"{path.name.partition('-')[0]}-*/{_CLAIM}"):
        with contextlib.suppress(OSError):
            if other.parent != path and _may_go(other):
                shutil.rmtree(other.parent, ignore_errors=True)


def _may_go(claimed: Path) -> bool:
    """Written by us, and what it names is nowhere. Raises OSError when that cannot be known."""
    if claimed.is_symlink() or claimed.parent.is_symlink() or claimed.stat().st_uid != os.geteuid():
        return False
    try:
        Path(claimed.read_text().strip()).lstat()
    except FileNotFoundError:
        return True
    return False
