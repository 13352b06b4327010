"""WeasyPrint alone: pages in on stdin, each set by `write_pdf`; only the length of the PDF comes back."""

import re
import sys
from functools import cache

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from kit.pdf import FONTS, child

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_BASE = FONTS.as_uri() + "/"
_fonts = FontConfiguration()


@cache
def _sheet(style: str) -> CSS:
    return CSS(string=style, base_url=_BASE, font_config=_fonts)


def main() -> None:
    answers = sys.stdout.buffer
    while len(head := sys.stdin.buffer.read(4)) == 4:
        page = sys.stdin.buffer.read(int.from_bytes(head, "big")).decode()
        styles = [_sheet(child._font_faces()), *map(_sheet, _STYLE.findall(page))]  # pyright: ignore[reportPrivateUsage]
        made = HTML(string=_STYLE.sub("", page), base_url=_BASE).write_pdf(
            stylesheets=styles, font_config=_fonts, pdf_tags=True
        )
        answers.write(len(made or b"").to_bytes(4, "big"))
        answers.flush()


if __name__ == "__main__":
    main()
