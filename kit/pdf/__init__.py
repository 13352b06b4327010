"""PDF: a page of HTML in, the bytes of a PDF out.

`await pdf.render(html)` hands the page to a warm child process and waits. The work is done in a child because it is the
one thing here that can eat all memory or never end: the child has a memory limit, each render a deadline, and a child
that dies or hangs is replaced without anybody noticing more than a delay. Between parent and child run frames: one
letter that says what it is, four bytes of length, the content.

A letter may use the fonts of `kit/fonts` and pictures in `data:` URIs, and can reach no other file and no network. A
character that those fonts cannot show raises MissingGlyphs: nobody gets a letter with boxes where a name should be.

weasyprint is imported in the child only (`kit/pdf/child.py`), so the app stays small and starts fast.
"""

import asyncio
import contextlib
import json
import os
import struct
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kit import leftovers

FONTS = Path(__file__).resolve().parent.parent / "fonts"
FAMILIES = {"Letter": "NotoSans-Regular.ttf", "Letter Bold": "NotoSans-Bold.ttf"}
ROOT = FONTS.parent.parent
FOLDER = "almoner-pdfs-"
"""How the temporary folder of a child begins."""
MEMORY = 1 << 30
"""Bytes of address space a child may have."""
DEADLINE = 20.0
"""Seconds a render may take."""
START_DEADLINE = 60.0
"""Seconds a child may take to start, on a machine that has much else to do."""
LIFETIME = 1_000
"""Renders after which a child is replaced, so that a slow leak in a library never adds up."""
LARGEST = 64 << 20
"""Bytes a frame may hold: more is a mistake, and would only be found when memory runs out."""


class RenderFailed(Exception):
    """The page could not be made into a PDF: too slow, too large, or it kills what renders it."""


class MissingGlyphs(RenderFailed):
    """The bundled fonts have no sign for some characters of the page."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        shown = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters[:20])
        super().__init__(f"The fonts for letters have no sign for {shown}.")


async def render(html: str) -> bytes:
    """The page as a PDF. The same page gives the same bytes as long as WeasyPrint and the fonts stay the same.

    Raises MissingGlyphs for a character no font has, RenderFailed when there is no PDF for another reason.
    """
    return await _press().ask(b"H", unicodedata.normalize("NFC", html).encode())


async def picture(document: bytes) -> bytes:
    """All pages of one of our own PDFs as one PNG, one below the other, for a page that may not embed a PDF."""
    return await _press().ask(b"V", document)


def missing(text: str) -> tuple[str, ...]:
    """Characters of a text that the fonts have no sign for: for refusing a name before a letter is made."""
    shown = {c for c in unicodedata.normalize("NFC", text) if not has_no_sign(c)}
    return tuple(sorted(c for c in shown if ord(c) not in signs()))


@cache
def signs() -> frozenset[int]:
    """The code points that every one of our fonts can show."""
    from fontTools.ttLib import TTFont

    return frozenset.intersection(
        *(frozenset(TTFont(FONTS / file).getBestCmap() or {}) for file in FAMILIES.values())
    )


def has_no_sign(character: str) -> bool:
    """True for characters that show nothing by themselves: line ends, joiners, direction marks, variation selectors."""
    return unicodedata.category(character) in ("Cc", "Cf") or 0xFE00 <= ord(character) <= 0xFE0F


def use(*, children: int = 1, deadline: float = DEADLINE) -> None:
    """Set how many pages may be rendered at once, and how long one may take. Call before the first render, or after stop()."""
    global _children, _deadline
    _children, _deadline = children, deadline


async def stop() -> None:
    """End all children. A later render starts new ones."""
    global _current
    press, _current = _current, None
    if press is not None:
        await press.stop()


class _Died(Exception):
    """The child ended before it answered."""


class _Child:
    """One warm process that renders one page at a time."""

    def __init__(self, process: asyncio.subprocess.Process, folder: leftovers.Folder) -> None:
        self.process = process
        self.renders = 0
        self._folder = folder  # WeasyPrint copies the fonts there; a killed child cannot tidy up

    @classmethod
    async def start(cls) -> "_Child":
        folder = leftovers.Folder(FOLDER)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-W", "ignore", "-m", "kit.pdf.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=_environment(str(folder.path)),
        )
        child = cls(process, folder)
        try:
            async with asyncio.timeout(START_DEADLINE):
                kind, _ = await child._read()
        except TimeoutError:
            await child.end()
            raise _Died from None
        except BaseException:
            await child.end()
            raise
        if kind != b"R":
            await child.end()
            raise _Died
        return child

    async def ask(self, question: bytes, page: bytes) -> tuple[bytes, bytes]:
        """Send a page, wait for the answer. Raises _Died when none comes."""
        assert self.process.stdin is not None
        self.renders += 1
        try:
            self.process.stdin.write(frame(question, page))
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as gone:
            raise _Died from gone
        return await self._read()

    async def end(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await asyncio.shield(self.process.wait())
        self._folder.remove()

    async def _read(self) -> tuple[bytes, bytes]:
        assert self.process.stdout is not None
        try:
            kind, size = struct.unpack(">cI", await self.process.stdout.readexactly(5))
            return kind, await self.process.stdout.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionResetError) as gone:
            raise _Died from gone


class _Press:
    """A fixed number of places, each with a child that is started when first needed."""

    def __init__(self, children: int, deadline: float) -> None:
        self.loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._running: set[_Child] = set()
        self._places: asyncio.LifoQueue[_Child | None] = asyncio.LifoQueue()
        for _ in range(children):
            self._places.put_nowait(None)

    async def ask(self, question: bytes, page: bytes) -> bytes:
        """Have one page done by the next free child. One that dies gets a successor, who tries once more."""
        if len(page) > LARGEST:
            raise RenderFailed("The page is too large to be made into a PDF.")
        child = await self._places.get()
        try:
            for last_try in (False, True):
                try:
                    child = await self._ready(child)
                    async with asyncio.timeout(self._deadline):
                        kind, answer = await child.ask(question, page)
                    return _read_answer(kind, answer)
                except _Died:
                    child = await self._drop(child)
                    if last_try:
                        raise RenderFailed("The page ends every process that renders it.") from None
                except TimeoutError:
                    child = await self._drop(child)
                    raise RenderFailed(f"The page took longer than {self._deadline:g} seconds.") from None
                except asyncio.CancelledError:
                    child = await self._drop(child)
                    raise
            raise AssertionError("unreachable")
        finally:
            self._places.put_nowait(child)

    async def stop(self) -> None:
        for child in list(self._running):
            await self._drop(child)

    def abandon(self) -> None:
        """Kill without waiting: the event loop that started these children is gone."""
        for child in self._running:
            if child.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.process.pid, 9)

    async def _ready(self, child: _Child | None) -> _Child:
        if child is not None and (child.process.returncode is not None or child.renders >= LIFETIME):
            child = await self._drop(child)
        if child is None:
            child = await _Child.start()
            self._running.add(child)
        return child

    async def _drop(self, child: _Child | None) -> None:
        if child is not None:
            self._running.discard(child)
            await child.end()


_current: _Press | None = None
_children = 1
_deadline = DEADLINE


def _press() -> _Press:
    global _current
    if _current is not None and _current.loop is not asyncio.get_running_loop():
        _current.abandon()
        _current = None
    if _current is None:
        _current = _Press(_children, _deadline)
    return _current


def _read_answer(kind: bytes, answer: bytes) -> bytes:
    if kind in (b"P", b"V"):
        return answer
    if kind == b"G":
        raise MissingGlyphs(json.loads(answer))
    raise RenderFailed(answer.decode(errors="replace"))


def _environment(folder: str) -> dict[str, str]:
    """Only what a child needs: it must not hold the app's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    fonts = {"FONTCONFIG_FILE": str(FONTS / "fonts.conf"), "XDG_CACHE_HOME": folder}
    return {**kept, **fonts, "TMPDIR": folder, "HOME": folder, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def frame(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">cI", kind, len(content)) + content
