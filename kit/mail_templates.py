"""The words of letters: `templates/emails/<template>/` holds `subject.txt`, `body.txt` and, if wanted, `body.html`.

Plain text has an environment of its own: in the one of the pages every value is escaped for HTML. A template sees its
context, `name`, `sender` and `address` of the letter, `base_url`, and `link("route:name", …)`, which is absolute.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateNotFound

from kit import config, templates
from kit.smtp import one_line


@dataclass(frozen=True)
class Written:
    """A letter's words."""

    subject: str
    text: str
    html: str | None


def render(template: str, context: dict[str, Any]) -> Written:
    """Render the files of a letter. Raises TemplateNotFound when subject or text is missing."""
    rich, plain = templates.environment(), _plain_environment()
    folder = f"emails/{template}"
    values = {"base_url": config.settings().base_url, "link": link, **context}
    values["subject"] = one_line(plain.get_template(f"{folder}/subject.txt").render(values))
    text = plain.get_template(f"{folder}/body.txt").render(values).strip() + "\n"
    try:
        html = rich.get_template(f"{folder}/body.html").render(values)
    except TemplateNotFound as missing:
        if missing.name != f"{folder}/body.html":
            raise
        html = None
    return Written(values["subject"], text, html)


def link(route: str, /, **values: Any) -> str:
    """The address of a page, as a letter must give it."""
    return config.settings().base_url + templates.url_for(route, **values)


@cache
def _plain_environment() -> Environment:
    return templates.environment().overlay(autoescape=False)
