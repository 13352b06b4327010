"""What the pages' environment makes of a template is what Jinja makes of it, only sooner."""

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from kit.rendering import PageEnvironment

TEMPLATES = {
    "base": "<html>{% block head %}{% endblock %}<body>{% block body %}nothing{% endblock %}</body></html>",
    "ui": "{% macro box(title, kind='plain') %}<b class='{{ kind }}'{% for k, v in kwargs.items() %} {{ k }}={{ v }}"
    "{% endfor %}>{{ title }}{% if caller is defined %}: {{ caller() }}{% endif %}</b>{% endmacro %}",
    "page": "{% extends 'base' %}{% block body %}{{ super() }}{% set note %}{{ rows | length }} & more{% endset %}{{ note }}"
    "{% for row in rows %}{% block row scoped %}<i>{{ row.name }} {{ row.total.amount if row.total else '-' }} {{ row['name'] }}"
    "{% for key, value in row.items() %}{{ key }}{% endfor %}{{ loop.index }}{{ row.keys() | list | length }}</i>{% endblock %}"
    "{% else %}nobody{% endfor %}{% endblock %}",
    "call": "{% import 'ui' as ui %}{% call ui.box('<i>', kind='a&b', data='x\"y') %}{{ text }}{{ safe }}{% endcall %}"
    "{{ ui.box(number) }}{{ ui.box(none) }}{{ ui.box(true) }}{{ text ~ safe }}{{ [text, safe] | join(',') }}",
}
VALUES = {
    "rows": [
        {"name": "O'Brien & <Sons>", "total": {"amount": 1}},
        {"name": Markup("<u>"), "total": None, "items": "a key called so", "get": 2},
    ],
    "text": "<script>\"'&", "safe": Markup("<em>"), "number": 1.5,
}  # fmt: skip


def _both(name: str, **values) -> tuple[str, str]:
    plain, ours = [
        kind(loader=DictLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
        for kind in (Environment, PageEnvironment)
    ]
    return plain.get_template(name).render(**values), ours.get_template(name).render(**values)


@pytest.mark.parametrize(
    ("name", "values"), [("page", VALUES), ("page", {**VALUES, "rows": []}), ("call", VALUES), ("base", {})]
)
def test_the_same_page_comes_out(name, values):
    plain, ours = _both(name, **values)
    assert ours == plain


@pytest.mark.parametrize(
    "text", ["{{ row.nmae }}", "{{ nobody.name }}", "{{ row.total.amount }}", "{{ nobody() }}"]
)
def test_what_is_not_there_is_an_error(text):
    environment = PageEnvironment(autoescape=True, undefined=StrictUndefined)
    with pytest.raises(UndefinedError):
        environment.from_string(text).render(row={"name": "Ana", "total": {}})
