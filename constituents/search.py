"""Finding constituents by any part of a name, e-mail or phone, and in spite of a slip of one letter.

Whole words and beginnings come first. Only when they find too little are parts of words, parts of e-mails and slips
looked at. Each step reads a bounded number of rows, so a search costs about the same at any size.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import phonenumbers

from kit import db

# More than this many are not worth paging through: the page says to type more.
MOST = 300
# When fewer than these are found by whole words and beginnings, the rest is tried, too.
_ENOUGH = 5
_WORDS = 5
# How many different words one typed word may stand for, at each step.
_VARIANTS = 200
# What each way to be found costs; the sum over the typed words is the rank.
_EXACT, _START, _PART, _SLIP = 0, 1, 3, 4
_LAST = "\U0010ffff"
_LOOKS_LIKE_A_NUMBER = re.compile(r"[\s\d().+/#-]*\d[\s\d().+/#-]*", re.ASCII)
# Of such words folded_words() would say the same; most searches are saved a question.
_NOTHING_TO_FOLD = re.compile(r"[A-Za-z0-9 ]*", re.ASCII)
_FEWEST_DIGITS = 4


class Found(msgspec.Struct):
    """Ids and the rank of each (0 is best), in no order; `more` when there were too many to look at."""

    ranks: dict[int, int]
    more: bool = False
    with_slips: bool = False

    @property
    def only_slips(self) -> bool:
        """Whether nobody fits what was typed but for a slip."""
        return self.with_slips and min(self.ranks.values(), default=0) >= _SLIP

    @property
    def ids(self) -> list[int]:
        return list(self.ranks)


async def find(typed: str, *, home: str = "US", slips: bool = False) -> Found:
    """Who is meant by `typed`. `home` is the country of phone numbers without a code; `slips` looks for slips anyway."""
    typed = typed.strip()[:200]
    if "@" in typed:
        return _found(await _by_email(typed))
    words = await words_of(typed)
    if _LOOKS_LIKE_A_NUMBER.fullmatch(typed):
        # "1984 Club" has a number for a name.
        named = await _by_start(words) if words else {}
        return _found({**named, **await _by_number(typed, home)})
    if not words:
        return Found({})
    found = _found(await _by_start(words))
    if found.more or (len(found.ranks) >= _ENOUGH and not slips):
        return found
    wider = await _by_variants(words)
    if not re.search(r"\s", typed) and len(typed) > 2:
        wider = {**dict.fromkeys(await _emails_with(typed.lower()), _PART), **wider}
    return _found({**wider, **found.ranks}, with_slips=True)


def _found(ranks: dict[int, int], *, with_slips: bool = False) -> Found:
    best = sorted(ranks, key=lambda id: (ranks[id], id))[:MOST]
    return Found({id: ranks[id] for id in best}, more=len(ranks) > MOST, with_slips=with_slips)


async def words_of(typed: str) -> list[str]:
    """The words to look for, the longest first: it usually leads to the fewest people."""
    if _NOTHING_TO_FOLD.fullmatch(typed):
        words = sorted({word[:60] for word in typed.lower().split()})
    else:
        words = await db.value("SELECT folded_words($1)", typed)
    return sorted(words, key=len, reverse=True)[:_WORDS]


# ---------------------------------------------------------------- whole words and beginnings


async def _by_start(words: Sequence[str]) -> dict[int, int]:
    """Everybody who has, for each of the words, a word that is it or begins with it."""
    if len(words) == 1:
        return await _by_one_start(words[0])
    bounds = [bound for word in words for bound in (word, word + _LAST)]
    found = await db.rows(_sql_by_start(len(words)), MOST + 1, *bounds)
    return {row["constituent"]: row["cost"] for row in found}


@cache
def _sql_by_start(count: int) -> str:
    """The rows of each word joined; two places per word: it, and where the words that begin with it end."""
    tables = [f"name_words w{n}" for n in range(1, count + 1)]
    ranges = [f"w{n}.word >= ${2 * n} AND w{n}.word < ${2 * n + 1}" for n in range(1, count + 1)]
    joins = [f"w{n}.constituent = w1.constituent" for n in range(2, count + 1)]
    cost = " + ".join(f"min((w{n}.word <> ${2 * n})::integer)" for n in range(1, count + 1))
    return (
        f"SELECT w1.constituent, {cost} AS cost FROM {', '.join(tables)} WHERE {' AND '.join(ranges + joins)}"  # noqa: S608
        " GROUP BY w1.constituent ORDER BY cost LIMIT $1"
    )


async def _by_one_start(word: str) -> dict[int, int]:
    """One word: those who have it, then those whose place in the list begins with it, then the rest."""
    found = await db.rows(
        """
        SELECT constituent, min(cost) AS cost FROM (
            (SELECT constituent, 0 AS cost FROM name_words WHERE word = $1 LIMIT $3)
            UNION ALL
            (SELECT id, 1 FROM constituents
              WHERE archived_at IS NULL AND sort_key >= $1 AND sort_key < $2 ORDER BY sort_key, id LIMIT $3)
            UNION ALL
            (SELECT constituent, 2 FROM name_words WHERE word >= $1 AND word < $2 LIMIT $3)
        ) AS any_of GROUP BY constituent
        """,
        word,
        word + _LAST,
        MOST + 1,
    )
    return {row["constituent"]: row["cost"] for row in found}


# ---------------------------------------------------------------- parts and slips


async def _by_variants(words: Sequence[str]) -> dict[int, int]:
    """Everybody who has, for each of the words, one that it may stand for."""
    meant = [await _variants(word) for word in words]
    if not all(meant):
        return {}
    places = [place for place, variants in enumerate(meant) for _word in variants]
    found = await db.rows(
        """
        WITH meant (place, word, cost) AS (SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[])),
             per_word AS (
                SELECT n.constituent, m.place, min(m.cost) AS cost
                  FROM meant m JOIN name_words n ON n.word = m.word
              GROUP BY n.constituent, m.place)
        SELECT constituent, sum(cost)::integer AS cost FROM per_word
      GROUP BY constituent HAVING count(*) = $4
      ORDER BY cost, constituent LIMIT $5
        """,
        places,
        [word for variants in meant for word in variants],
        [cost for variants in meant for cost in variants.values()],
        len(words),
        MOST + 1,
    )
    return {row["constituent"]: row["cost"] for row in found}


async def _variants(typed: str) -> dict[str, int]:
    """The words of names that `typed` may stand for, and what each costs."""
    found = await db.rows(
        """
        (SELECT word, 'start' AS way FROM search_words WHERE word >= $1 AND word < $2 LIMIT $4)
        UNION ALL
        (SELECT word, 'part' FROM search_words WHERE word LIKE $3 LIMIT $4)
        UNION ALL
        (SELECT word, 'slip' FROM word_slips WHERE slip = $1 LIMIT $4)
        UNION ALL
        (SELECT DISTINCT s.word, 'slip' FROM slips_of($1) AS typed (slip) JOIN word_slips s ON s.slip = typed.slip LIMIT $4)
        UNION ALL
        (SELECT w.word, 'slip' FROM slips_of($1) AS typed (slip) JOIN search_words w ON w.word = typed.slip LIMIT $4)
        """,
        typed,
        typed + _LAST,
        f"%{_literal(typed)}%" if len(typed) > 2 or not typed.isascii() else None,
        _VARIANTS,
    )
    variants: dict[str, int] = {}
    for row in found:
        cost = _cost(typed, row["word"], row["way"])
        if cost is not None:
            variants[row["word"]] = min(cost, variants.get(row["word"], cost))
    return variants


def _cost(typed: str, word: str, way: str) -> int | None:
    if word == typed:
        return _EXACT
    if way != "slip":
        return _START if word.startswith(typed) else _PART
    # People seldom miss the first letter.
    return (_SLIP if word[0] == typed[0] else _SLIP + 1) if one_slip_apart(typed, word) else None


def one_slip_apart(one: str, other: str) -> bool:
    """Whether one letter dropped, added, replaced or swapped with its neighbour makes the one of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    a, b = one[start:], other[start:]
    return (
        a[1:] == b[1:]
        or a[1:] == b
        or a == b[1:]
        or (len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    )


# ---------------------------------------------------------------- e-mails and numbers


async def _by_email(typed: str) -> dict[int, int]:
    normal = "".join(typed.casefold().split())
    found = await db.rows(
        """
        SELECT constituent, (normal <> $1)::integer AS cost FROM emails
         WHERE normal >= $1 AND normal < $2 LIMIT $3
        """,
        normal,
        normal + _LAST,
        MOST + 1,
    )
    ranks = {row["constituent"]: row["cost"] for row in sorted(found, key=lambda row: -row["cost"])}
    # Whoever types a whole address means it: a part of others is looked for only when nobody has it.
    if _EXACT not in ranks.values() and len(ranks) < _ENOUGH and len(normal) > 2:
        ranks = {**dict.fromkeys(await _emails_with(normal), _PART), **ranks}
    return ranks


async def _emails_with(part: str) -> list[int]:
    found = await db.rows(
        "SELECT constituent FROM emails WHERE normal LIKE $1 LIMIT $2", f"%{_literal(part)}%", MOST + 1
    )
    return [row["constituent"] for row in found]


async def _by_number(typed: str, home: str) -> dict[int, int]:
    """A record's number, or a phone in any notation: +1 (503) 555-0144, 503.555.0144, 555 0144."""
    digits = re.sub(r"[^0-9]", "", typed)
    ranks: dict[int, int] = {}
    if len(digits) >= _FEWEST_DIGITS:
        e164 = _e164(typed, home)
        found = await db.rows(
            "SELECT constituent, number FROM phones WHERE number LIKE $1 OR number = $2 LIMIT $3",
            f"%{digits.lstrip('0') or digits}%",
            e164,
            MOST + 1,
        )
        ranks = {row["constituent"]: _EXACT if row["number"] == e164 else _PART for row in found}
    if len(digits) < 10 and "+" not in typed:
        found = await db.rows("SELECT id FROM constituents WHERE id = $1", int(digits))
        ranks |= {row["id"]: _EXACT for row in found}
    return ranks


def _e164(typed: str, home: str) -> str:
    try:
        number = phonenumbers.parse(typed, home)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _literal(text: str) -> str:
    """`text` with the signs that LIKE would read as wildcards taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", text)


async def brief(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What a line of results shows: name, kind, place, preferred e-mail, archived, deceased."""
    found = await db.rows(
        """
        SELECT c.id, c.name, c.kind, c.place, c.deceased, c.archived_at, c.sort_key,
               (SELECT address FROM emails e WHERE e.constituent = c.id ORDER BY preferred DESC, e.id LIMIT 1) AS email
          FROM constituents c WHERE c.id = ANY ($1)
        """,
        list(ids),
    )
    return {row["id"]: row for row in found}
