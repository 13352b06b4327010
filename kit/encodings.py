"""Encodings: which one a file is written in, so that no character is ever wrong in silence.

UTF-8 and UTF-16 prove themselves. Windows-1252 cannot, so it is taken only where every line looks like Western
European text, and then the reader is told words to look at. Anything else is refused with its line.
"""

import io
import re

from kit.folders import File, Unreadable
from kit.words import _

_CHUNK = 2**18
_LONGEST_LINE = 2**24
_FOREIGN = {
    b"PK\x03\x04": "a spreadsheet or a zip",
    b"PK\x05\x06": "an empty zip",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"{\\rtf": "a text document",
    b"<!DO": "a web page",
    b"<htm": "a web page",
}
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "",
    b"\x00\x00\xfe\xff": "",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def detect(file: File, remarks: list[str]) -> str:
    """The encoding of `file`, proven by reading all of it. What a person should know goes into `remarks`.

    Raises Unreadable when it is no text, or text that cannot be read for certain.
    """
    with file.open() as raw:
        start = raw.read(4096)
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise Unreadable(file.path, _("This is {what} under another name. Export it as CSV.", what=what))
    found = next(
        (name for bom, name in sorted(_BOMS.items(), key=lambda b: -len(b[0])) if start.startswith(bom)), None
    )
    if found == "":
        raise Unreadable(file.path, _("It is written in UTF-32. Save it as UTF-8."))
    return _proven(file, remarks, found or _utf16_without_mark(start) or "utf-8")


def _utf16_without_mark(start: bytes) -> str | None:
    """Latin text in UTF-16 has a NUL in every other place; nothing else has."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    even, odd = start[0 : pairs * 2 : 2].count(0), start[1 : pairs * 2 : 2].count(0)
    if odd > pairs * 0.7 and even < pairs * 0.05:
        return "utf-16-le"
    if even > pairs * 0.7 and odd < pairs * 0.05:
        return "utf-16-be"
    return None


def _proven(file: File, remarks: list[str], encoding: str) -> str:
    """Read the whole file once for its characters alone; fall back from UTF-8 to Windows-1252 if it looks so."""
    line, lost = 1, False
    with file.open() as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
        try:
            while chunk := text.read(_CHUNK):
                line += chunk.count("\n")
                lost = lost or "\ufffd" in chunk
        except UnicodeError as broken:
            if encoding != "utf-8":
                raise Unreadable(
                    file.path,
                    _("It breaks off in the middle of a character (after line {line}).", line=line),
                ) from broken
            return _western(file, remarks)
    if lost:
        remarks.append(_("It holds � where letters were lost before it was exported."))
    return encoding


# What Western European text may hold beyond ASCII: letters, and signs that stand between words.
_LETTERS = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿœšžßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŒŠŽŸƒªº"
_CAPITALS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŒŠŽŸ"
_ODD = re.compile(
    rf"(?P<sign>[A-Za-z{_LETTERS}][¡¢£¤¥¦§¨©«¬®¯±²³µ¶¸¹»¼½¾¿×÷€‚„…†‡ˆ‰‹•˜™›][A-Za-z{_LETTERS}])"
    rf"|(?P<shout>[a-z][{_CAPITALS}](?![A-Z]))"
    rf"|(?P<crowd>[{_LETTERS}]{{3,}})"
    r"|(?P<twice>[ÃÂ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])"
)
_WORD = re.compile(rf"[A-Za-z'’-]*[{_LETTERS}][A-Za-z{_LETTERS}'’-]*")


def _western(file: File, remarks: list[str]) -> str:
    """Windows-1252, if every line of the file looks like Western European text; else refused at its row.

    Polish, Czech, Russian, Greek or old Macintosh text read so shows signs inside words ("Kie³czów"), capitals
    after small letters ("JosŽ") or crowds of accents ("Èâàí"); a mix of UTF-8 and others shows "Ã©".
    """
    words: list[str] = []
    with file.open() as raw:
        number = 1
        while line := raw.readline(_LONGEST_LINE):
            if line.isascii():
                number += line.endswith(b"\n")
                continue
            try:
                text = line.decode("cp1252")
            except UnicodeDecodeError as broken:
                raise Unreadable(file.path, _UNSURE, number) from broken
            if odd := _ODD.search(text):
                around = text[max(0, odd.start() - 12) : odd.end() + 12].strip()
                raise Unreadable(
                    file.path,
                    _("{unsure} Here it would read “{around}”.", unsure=_(_UNSURE), around=around),
                    number,
                )
            if len(words) < 5:
                words += [word for word in _WORD.findall(text) if word not in words][: 5 - len(words)]
            number += line.endswith(b"\n")
    remarks.append(
        _(
            "Read as Windows-1252, because it is not UTF-8. Check these words: {words}.",
            words=", ".join(words) or "–",
        )
    )
    return "cp1252"


_UNSURE = "Its characters are neither UTF-8 nor surely Windows-1252. Export it again as UTF-8."
