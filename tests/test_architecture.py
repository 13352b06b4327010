"""The house rules that no type checker knows."""

import ast
import re
from pathlib import Path

import pytest

from constituents.tables import Constituent
from kit import db
from kit.templates import TEMPLATES
from staff import guard, permissions

ROOT = Path(__file__).parent.parent
PACKAGES = ("staff", "constituents", "donations", "volunteers", "receipts", "giving", "imports", "reports")


# ---------------------------------------------------------------- routes


def test_every_route_says_who_may_use_it(app):
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.http_methods == {"OPTIONS"}:
                continue
            said = [word for word in guard.WORDS if word in handler.opt]
            assert len(said) == 1, f"{route.path} says {said}"
            if said == ["needs"]:
                assert handler.opt["needs"] in permissions.table()


def test_reading_is_get_and_changing_is_post(app):
    methods = {method for route in app.routes for method in getattr(route, "http_methods", ())}

    assert methods <= {"GET", "HEAD", "POST", "OPTIONS"}


def test_the_app_does_not_start_with_a_handler_that_says_nothing(app):
    from litestar import get

    @get("/open")
    async def forgot() -> None: ...

    @get("/odd", needs="everything")
    async def odd() -> None: ...

    for handler in (forgot, odd):
        with pytest.raises(RuntimeError):
            guard.check([handler])


# ---------------------------------------------------------------- blocks


def _calls() -> list[tuple[str, str, str]]:
    """(module, template, block) for each block that a handler names in a `page(...)` call."""
    found = []
    for file in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("pages/*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "page":
                words = [
                    [leaf.value for leaf in ast.walk(argument) if isinstance(leaf, ast.Constant)]
                    for argument in node.args[1:]
                ]
                templates = [word for word in words[0] if isinstance(word, str) and word.endswith(".html")]
                found += [
                    (file.relative_to(ROOT).as_posix(), template, block)
                    for template in templates
                    for block in (word for group in words[1:] for word in group if isinstance(word, str))
                ]
    return found


CALLS = _calls()


def test_handlers_name_blocks():
    assert len(CALLS) > 20


@pytest.mark.parametrize(
    ("template", "block"), sorted({(template, block) for _module, template, block in CALLS})
)
def test_a_block_is_the_element_of_its_name(template, block):
    text = _with_includes(template)
    start = re.search(rf"{{%-?\s*block\s+{block}\b[^%]*%}}", text)
    assert start, f"{template} has no block {block}"
    inside = re.sub(r"{#.*?#}", "", text[start.end() :], flags=re.S)
    first = re.search(r"<\w+[^>]*?\sid=\"([^\"]*)\"|<\w+", inside)
    assert first and first[1] == block.replace("_", "-"), first and first[0]


def _with_includes(template: str) -> str:
    """A template with what it includes and extends in its place."""
    text = (TEMPLATES / template).read_text()
    text = re.sub(r"{%-?\s*include\s+\"([^\"]+)\"[^%]*%}", lambda found: _with_includes(found[1]), text)
    parent = re.search(r"{%-?\s*extends\s+\"([^\"]+)\"", text)
    return text + (_with_includes(parent[1]) if parent else "")


# ---------------------------------------------------------------- merging

RULES = {"keep", "drop", "sum"}


def _pointers() -> list[tuple[str, str, str | None]]:
    """(table, column, rule) of every foreign key to a constituent."""
    return [
        (
            key._meta.table._meta.tablename,
            key._meta.name,
            getattr(key._meta.table, "when_merged", {}).get(key._meta.name),
        )
        for key in Constituent._meta.foreign_key_references
    ]


def test_every_pointer_to_a_constituent_says_what_becomes_of_it_when_two_are_merged():
    import donations.stripe_tables
    import donations.tables
    import imports.tables
    import receipts.tables
    import volunteers.profile_tables
    import volunteers.tables

    assert donations.tables and donations.stripe_tables and imports.tables and receipts.tables
    assert volunteers.tables and volunteers.profile_tables
    assert len(_pointers()) >= 29
    assert [pointer for pointer in _pointers() if pointer[2] not in RULES] == []


async def test_the_database_has_no_other_pointers_and_append_only_tables_have_none():
    there = await db.rows(
        """
        SELECT t.relname AS name, a.attname AS part
          FROM pg_constraint c
          JOIN pg_class t ON t.oid = c.conrelid
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
         WHERE c.contype = 'f' AND c.confrelid = 'constituents'::regclass
        """
    )
    pointing = {(row["name"], row["part"]) for row in there}

    assert pointing == {(table, column) for table, column, _rule in _pointers()}
    kept = {"journals", "postings", "gift_events", "receipts", "receipt_lines", "changes", "change_values"}
    assert {table for table, _column in pointing} & kept == set()


async def test_where_a_unique_rule_stands_in_the_way_rows_are_not_just_kept():
    unique = await db.rows(
        """
        SELECT t.relname AS name, a.attname AS part
          FROM pg_index i
          JOIN pg_class t ON t.oid = i.indrelid
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary
        """
    )
    colliding = {(row["name"], row["part"]) for row in unique}

    assert [pointer for pointer in _pointers() if pointer[:2] in colliding and pointer[2] == "keep"] == []


# ---------------------------------------------------------------- files


def test_no_room_has_a_module_that_says_nothing_of_what_it_is_about():
    vague = {
        "services",
        "repositories",
        "schemas",
        "utils",
        "helpers",
        "managers",
        "models",
        "common",
        "misc",
    }

    assert [
        file.as_posix()
        for package in ("kit", *PACKAGES)
        for file in (ROOT / package).rglob("*.py")
        if file.stem in vague
    ] == []


def test_pages_hold_no_writing_sql():
    writing = re.compile(r"\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")

    assert [
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("pages/*.py")
        if writing.search(file.read_text())
    ] == []


def test_every_module_says_what_it_is_about():
    silent = [
        file.relative_to(ROOT).as_posix()
        for package in ("kit", "demo", *PACKAGES)
        for file in (ROOT / package).rglob("*.py")
        if "piccolo_migrations" not in file.parts
        and file.read_text().strip()
        and not ast.get_docstring(ast.parse(file.read_text()))
    ]

    assert silent == []
