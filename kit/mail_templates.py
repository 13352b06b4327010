"""The words of letters: `templates/emails/<template>/` holds `subject.txt`, `body.txt` and, if wanted, `body.html`.

Plain text has an environment of its own: in the one of the pages every value is escaped for HTML.
A template sees its context, `name`, `sender` and `address` of the letter, `base_url`, and for a link to a page
`link("route:name", …)`, which is absolute.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from kit import config, words
from kit.smtp import one_line

_FOLDER = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True)
class Written:
    """A letter's words."""

    subject: str
    text: str
    html: str | None


def render(template: str, context: dict[str, Any]) -> Written:
    """Render the three files of a letter. Raises TemplateNotFound when subject or text is missing."""
    plain, rich = _environments()
    values = {"base_url": config.settings().base_url, **context}
    folder = f"emails/{template}"
    subject = one_line(plain.get_template(f"{folder}/subject.txt").render(values))
    text = plain.get_template(f"{folder}/body.txt").render({**values, "subject": subject}).strip() + "\n"
    try:
        html = rich.get_template(f"{folder}/body.html").render({**values, "subject": subject})
    except TemplateNotFound as missing:
        if missing.name != f"{folder}/body.html":
            raise
        html = None
    return Written(subject, text, html)


@cache
def _environments() -> tuple[Environment, Environment]:
    """The environment of plain text, and that of HTML."""
    return _environment(autoescape=False), _environment(autoescape=True)


def _environment(autoescape: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=autoescape,  # noqa: S701  off only for text/plain
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": words._, "ngettext": words.ngettext}
    return made
