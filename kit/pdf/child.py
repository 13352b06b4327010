"""The process that makes PDFs: reads frames from stdin, answers on stdout, knows nothing else.

Started by `kit.pdf` as `python -m kit.pdf.child`. It holds no secrets and no database, may read our fonts and nothing
else, and may be killed at any moment.
"""

import io
import json
import logging
import os
import re
import resource
import shutil
import signal
import struct
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import pypdfium2
from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from kit.pdf import FAMILIES, FOLDER, FONTS, MEMORY, frame, missing, signs

BASE = FONTS.as_uri() + "/"
SHEETS_KEPT = 32
PICTURE_SCALE: Any = 1.6  # 115 dots an inch
GAP, BETWEEN = 16, "#d9d6cf"  # dots between two pages in one picture, and their colour
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def serve() -> None:
    """Answer frames until stdin closes, which it also does when the parent is killed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; it ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not spoil the frames
    typesetter = Typesetter()
    typesetter.set("<p>warm</p>")
    _send(answers, b"R", b"")
    while len(head := sys.stdin.buffer.read(5)) == 5:
        kind, size = struct.unpack(">cI", head)
        _send(answers, *_answer(typesetter, kind, sys.stdin.buffer.read(size)))
    _tidy_up()


def _tidy_up() -> None:
    """Whoever started us and would remove our folder may have been killed."""
    folder = Path(tempfile.gettempdir())
    if folder.name.startswith(FOLDER):
        shutil.rmtree(folder, ignore_errors=True)


def _answer(typesetter: "Typesetter", kind: bytes, content: bytes) -> tuple[bytes, bytes]:
    try:
        if kind == b"V":
            return b"V", _picture(content)
        return typesetter.set(content.decode())
    except MemoryError:
        return b"E", b"The page needs more memory than a page may."
    except Exception as fault:  # whatever a page did to a library, the child lives on
        return b"E", f"{type(fault).__name__}: {fault}"[:500].encode(errors="replace")


def _send(answers: BinaryIO, kind: bytes, content: bytes) -> None:
    answers.write(frame(kind, content))
    answers.flush()


class Typesetter:
    """WeasyPrint with our fonts, kept warm."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        self._fetcher = OurFilesOnly(allowed_protocols=["file", "data"], allow_redirects=False)
        self._sheets: dict[str, CSS] = {}
        self._base = self._sheet(_font_faces())
        signs()  # read now, while nobody waits
        self._said: list[str] = []
        listener = logging.Handler(logging.WARNING)
        listener.emit = lambda record: self._said.append(record.getMessage())
        for name in ("weasyprint", "weasyprint.progress", "fontTools"):
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [listener], False

    def set(self, page: str) -> tuple[bytes, bytes]:
        """A page of HTML as a frame: P with the PDF, G with the characters no font has, or E with what is wrong."""
        self._said.clear()
        body = _STYLE.sub("", page)
        document = HTML(string=body, base_url=BASE, url_fetcher=self._fetcher)
        if characters := missing("".join(_texts(document.etree_element))):
            return b"G", json.dumps(characters).encode()
        made = document.write_pdf(
            stylesheets=[self._base, *map(self._sheet, _STYLE.findall(page))],
            font_config=self._fonts,
            # From the page, not from a clock: the same page gives the same bytes.
            pdf_identifier=sha256(page.encode()).hexdigest()[:32].encode(),
            pdf_tags=True,
        )
        if boxes := [said.rpartition("(U+")[2].rstrip(")") for said in self._said if ".notdef" in said]:
            return b"G", json.dumps(sorted({chr(int(code, 16)) for code in boxes})).encode()
        if refused := [said for said in self._said if said.startswith("Failed to load")]:
            return b"E", refused[0][:500].encode()
        assert made is not None
        return b"P", made

    def _sheet(self, style: str) -> CSS:
        """A stylesheet, parsed once: the letters of one organisation all have the same."""
        if style not in self._sheets:
            while len(self._sheets) >= SHEETS_KEPT:
                self._sheets.pop(next(iter(self._sheets)))
            self._sheets[style] = CSS(
                string=style, base_url=BASE, url_fetcher=self._fetcher, font_config=self._fonts
            )
        return self._sheets[style]


class OurFilesOnly(URLFetcher):
    """Reads our fonts folder and `data:` URIs. All else is refused, links that lead out of the folder too."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme.lower() == "file":
            path = Path(os.path.realpath(unquote(parts.path)))
            if parts.netloc or FONTS not in path.parents:
                raise ValueError("a letter may not read this file")
        elif parts.scheme.lower() != "data":
            raise ValueError("a letter may not read from the network")
        return super().fetch(url, headers)


def _font_faces() -> str:
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{file}"); font-weight: normal; font-style: normal; }}\n'
        for family, file in FAMILIES.items()
    )
    return faces + (
        "html { font-family: Letter; }"
        "b, strong, th, h1, h2, h3 { font-family: 'Letter Bold'; font-weight: normal; }"
    )


def _texts(root: Any) -> Iterator[str]:
    """Every text that the page may show. Without recursion: a page may be nested deeper than Python's stack."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] not in (
            "style",
            "script",
            "title",
        ):
            yield element.text or ""
        yield element.tail or ""


def _picture(document: bytes) -> bytes:
    """The pages of a PDF as one PNG, one below the other."""
    with pypdfium2.PdfDocument(document) as opened:
        pages = [page.render(scale=PICTURE_SCALE).to_pil() for page in opened]
    height = sum(page.height for page in pages) + GAP * (len(pages) - 1)
    whole = Image.new("RGB", (max(page.width for page in pages), height), BETWEEN)
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height + GAP
    made = io.BytesIO()
    whole.save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    serve()
