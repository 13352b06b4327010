"""Folders: the files of an export, from a folder, a nested folder or a zip.

A zip is read as a stream and never unpacked to disk. A bomb meets a limit early: by the size that its directory
claims, by the bytes that really come out of each file, and by how much denser than any table it is packed.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from kit.words import _

LARGEST_FILE = 2 * 2**30
LARGEST_FOLDER = 4 * 2**30
MOST_FILES = 2_000
# Real tables shrink five to thirty times; a bomb a thousand times. Small files may be odd.
DENSEST = 200
DENSE_FROM = 32 * 2**20

_CHUNK = 2**18
_BOMB = "The zip unpacks to far more than a table would: it is not opened."


class Unreadable(Exception):
    """A file that cannot be read for certain. The text is a sentence; `row` and `column` say where."""

    def __init__(self, file: str, text: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(text)
        self.file, self.text, self.row, self.column = file, text, row, column

    def __str__(self) -> str:
        return f"{place(self.file, self.row, self.column)}: {self.text}"


def place(file: str, row: int | None = None, column: str | None = None) -> str:
    """`Contact.csv, row 7, Email`: how every message about a file begins."""
    where = [file] if file else []
    if row is not None:
        where.append(_("row {row}", row=row))
    if column:
        where.append(column)
    return ", ".join(where)


class File(Protocol):
    """One file of a folder or a zip: its path inside, and its bytes as often as one asks."""

    path: str

    def open(self) -> BinaryIO: ...


class _OnDisk:
    def __init__(self, path: str, full: Path) -> None:
        self.path, self._full = path, full

    def open(self) -> BinaryIO:
        if self._full.stat().st_size > LARGEST_FILE:
            raise Unreadable(self.path, _("The file is larger than {gib} GiB.", gib=LARGEST_FILE // 2**30))
        return self._full.open("rb")


class _InZip:
    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        self.path, self._archive, self._entry = entry.filename, archive, entry

    def open(self) -> BinaryIO:
        return io.BufferedReader(_Limited(self._archive, self._entry), _CHUNK)


class _Limited(io.RawIOBase):
    """A file in a zip that stops when more comes out than its directory promised or a table would hold."""

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        self._path, self._packed, self._read = entry.filename, max(entry.compress_size, 1), 0
        self._inner = archive.open(entry)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as broken:
            raise Unreadable(self._path, _("The zip is damaged here: {why}", why=broken)) from broken
        except Exception as broken:  # zlib.error, lzma errors: no common base
            raise Unreadable(self._path, _("The zip is damaged here: {why}", why=broken)) from broken
        self._read += len(data)
        if self._read > LARGEST_FILE or (self._read > DENSE_FROM and self._read > DENSEST * self._packed):
            raise Unreadable(self._path, _BOMB)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


@contextmanager
def folder(path: Path) -> Iterator[list[File]]:
    """The files under `path`: a folder, nested as it may be, or a zip of one. Hidden files are passed over.

    Raises Unreadable when there is no such place, or when it is a zip bomb, locked with a password or damaged.
    """
    if path.is_dir():
        files = [_OnDisk(str(file.relative_to(path).as_posix()), file) for file in _walk(path)]
        zips = [file for file in files if file.path.lower().endswith(".zip")]
        if len(zips) == 1 and not any(is_table(file.path) for file in files):
            with folder(path / zips[0].path) as inner:
                yield inner
            return
        yield list(files)
    elif zipfile.is_zipfile(path):
        with _opened(path) as archive:
            yield [_InZip(archive, entry) for entry in _entries(path.name, archive)]
    elif path.is_file():
        raise Unreadable(
            path.name, _("This is a single file and not a zip. Name the folder or the zip of the export.")
        )
    else:
        raise Unreadable(path.name, _("There is no such folder or zip."))


def single(path: Path) -> File:
    """One file by itself."""
    return _OnDisk(path.name, path)


def is_table(path: str) -> bool:
    """Whether a file's name says that it is a table in text."""
    return PurePosixPath(path).suffix.lower() in (".csv", ".tsv", ".txt", ".tab")


def _walk(path: Path) -> Iterator[Path]:
    count = 0
    total = 0
    for file in sorted(path.rglob("*")):
        if _hidden(file.relative_to(path).parts) or not file.is_file():
            continue
        count += 1
        total += file.stat().st_size
        if count > MOST_FILES:
            raise Unreadable(path.name, _("There are more than {most} files here.", most=MOST_FILES))
        if total > LARGEST_FOLDER:
            raise Unreadable(
                path.name, _("The folder is larger than {gib} GiB.", gib=LARGEST_FOLDER // 2**30)
            )
        yield file


def _hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith((".", "__MACOSX", "~$")) for part in parts)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise Unreadable(path.name, _("The zip is damaged: {why}", why=broken)) from broken
    with archive:
        yield archive


def _entries(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise Unreadable(name, _("There are more than {most} files here.", most=MOST_FILES))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_FOLDER or (unpacked > DENSE_FROM and unpacked > DENSEST * max(_packed(archive), 1)):
        raise Unreadable(name, _(_BOMB))
    entries = [entry for entry in entries if not _hidden(PurePosixPath(entry.filename).parts)]
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Unreadable(entry.filename, _("The zip is locked with a password. Unpack it first."))
    return sorted(entries, key=lambda entry: entry.filename)


def _packed(archive: zipfile.ZipFile) -> int:
    """The zip's real size: entries of a bomb may overlap and each claim the same bytes."""
    file = archive.fp
    assert file is not None
    here = file.tell()
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(here)
    return size
