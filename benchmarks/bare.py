"""The bare way: the rows of a page by one or a few plain statements, shown by a plain template; writes as plain inserts.

No session, no permission, no layout, no formats but strftime: what nobody can do with less.
"""

import hashlib
import hmac
import json
from datetime import date
from typing import Any

from jinja2 import Environment

from benchmarks.places import SECRET
from kit import days

_LAST = "\U0010ffff"
_jinja = Environment(autoescape=True)
_jinja.filters["dollars"] = lambda amount: f"${amount / 100:,.2f}"
_LIST = _jinja.from_string("""<!doctype html><title>Constituents</title><table>{% for row in rows %}
<tr><td><a href="/constituents/{{ row.id }}">{{ row.name }}</a></td><td>{{ row.kind }}</td><td>{{ row.place }}</td>
<td>{% if row.hard_total %}{{ row.hard_total | dollars }}{% endif %}</td><td>{% if row.last_on %}{{ row.last_on.strftime("%d %b %Y") }}{% endif %}</td>
<td>{% for tag in row.tags or [] %}<span>{{ tag }}</span>{% endfor %}</td></tr>{% endfor %}</table>""")
_ONE = _jinja.from_string("""<!doctype html><title>{{ row.name }}</title><h1>{{ row.name }}</h1><p>{{ row.kind }} {{ row.place }}
{% for total in totals %}{{ total.hard_total | dollars }} {{ total.hard_count }} {{ total.last_on }} {{ total.largest_amount }}{% endfor %}
<ul>{% for line in emails %}<li>{{ line.address }}</li>{% endfor %}{% for line in phones %}<li>{{ line.number }}</li>{% endfor %}
{% for line in addresses %}<li>{{ line.street }} {{ line.city }} {{ line.region }} {{ line.postal_code }}</li>{% endfor %}</ul>
<ol>{% for line in lines %}<li><a href="/gifts/{{ line.route_id }}">{{ line.amount | dollars }} {{ line.title }}</a>
{{ line.happened_on.strftime("%d %b %Y") }} {{ line.detail }}</li>{% endfor %}</ol>""")
_GIFTS = _jinja.from_string("""<!doctype html><title>Gifts</title><table>{% for row in rows %}
<tr><td><a href="/constituents/{{ row.donor }}">{{ row.donor_name }}</a></td><td><a href="/gifts/{{ row.id }}">{{ row.amount | dollars }}</a></td>
<td>{{ row.given_on.strftime("%d %b %Y") }}</td><td>{{ row.method }} {{ row.cheque_number }}</td><td>{{ row.funds }} {{ row.appeal_name or "" }}</td>
<td>{{ row.status }}</td></tr>{% endfor %}</table>""")

_ROW = """
SELECT c.id, c.name, c.kind, c.place, t.hard_total, t.last_on,
       (SELECT array_agg(g.name) FROM taggings x JOIN tags g ON g.id = x.tag WHERE x.constituent = c.id) AS tags
"""
_TOTALS = "LEFT JOIN giving_totals t ON t.constituent = c.id AND t.currency = 'USD'"


async def constituents(pool: Any, after: int | None) -> str:
    where = "AND (c.sort_key, c.id) > (SELECT sort_key, id FROM constituents WHERE id = $1)" if after else ""
    rows = await pool.fetch(
        f"{_ROW} FROM constituents c {_TOTALS} WHERE c.archived_at IS NULL {where} ORDER BY c.sort_key, c.id LIMIT 51",
        *([after] if after else []),
    )
    return _LIST.render(rows=rows[:50])


async def search(pool: Any, typed: str) -> str:
    """A person by two words, each a beginning."""
    first, second = [*typed.lower().split(), ""][:2]
    rows = await pool.fetch(
        f"""
        {_ROW} FROM constituents c {_TOTALS}
         WHERE c.archived_at IS NULL AND c.id IN (
               SELECT a.constituent FROM name_words a JOIN name_words b ON b.constituent = a.constituent
                WHERE a.word >= $1 AND a.word < $2 AND b.word >= $3 AND b.word < $4)
      ORDER BY c.sort_key, c.id LIMIT 50
        """,
        second, second + _LAST, first, first + _LAST,
    )  # fmt: skip
    return _LIST.render(rows=rows)


async def by_mail(pool: Any, typed: str) -> str:
    rows = await pool.fetch(
        f"""
        {_ROW} FROM constituents c {_TOTALS}
         WHERE c.archived_at IS NULL AND c.id IN (SELECT constituent FROM emails WHERE normal = $1)
        """,
        typed,
    )
    return _LIST.render(rows=rows)


async def slip(pool: Any, typed: str) -> str:
    """The same in spite of a slip: every word that one letter left out makes the same of."""
    first, second = typed.lower().split()
    rows = await pool.fetch(
        f"""
        {_ROW} FROM constituents c {_TOTALS}
         WHERE c.archived_at IS NULL AND c.id IN (
               SELECT constituent FROM name_words WHERE word IN ({_MEANT.format(n=1)})
            INTERSECT
               SELECT constituent FROM name_words WHERE word IN ({_MEANT.format(n=2)}))
      ORDER BY c.sort_key, c.id LIMIT 50
        """,
        first,
        second,
    )
    return _LIST.render(rows=rows)


_MEANT = """
    SELECT word FROM search_words WHERE word >= ${n} AND word < ${n} || chr(1114111)
 UNION SELECT word FROM search_words WHERE word LIKE '%' || ${n} || '%'
 UNION SELECT word FROM word_slips WHERE slip = ${n}
 UNION SELECT s.word FROM slips_of(${n}) AS t (slip) JOIN word_slips s ON s.slip = t.slip
 UNION SELECT w.word FROM slips_of(${n}) AS t (slip) JOIN search_words w ON w.word = t.slip
"""


async def constituent(pool: Any, id: int) -> str:
    async with pool.acquire() as connection:
        return _ONE.render(
            row=await connection.fetchrow("SELECT * FROM constituents WHERE id = $1", id),
            totals=await connection.fetch("SELECT * FROM giving_totals WHERE constituent = $1", id),
            emails=await connection.fetch("SELECT * FROM emails WHERE constituent = $1", id),
            phones=await connection.fetch("SELECT * FROM phones WHERE constituent = $1", id),
            addresses=await connection.fetch("SELECT * FROM addresses WHERE constituent = $1", id),
            lines=await connection.fetch(
                "SELECT * FROM timeline_entries WHERE constituent = $1 ORDER BY happened_on DESC, id DESC LIMIT 20",
                id,
            ),
        )


async def gifts(pool: Any, method: str, before: tuple[date, int]) -> str:
    rows = await pool.fetch(
        """
        SELECT g.id, g.given_on, g.donor, c.name AS donor_name, g.amount, g.method, g.status, g.cheque_number,
               a.name AS appeal_name,
               (SELECT string_agg(f.name, ', ') FROM gift_splits s JOIN funds f ON f.id = s.fund WHERE s.gift = g.id) AS funds
          FROM gifts g JOIN constituents c ON c.id = g.donor LEFT JOIN appeals a ON a.id = g.appeal
         WHERE g.method = $1 AND (g.given_on, g.id) < ($2, $3) ORDER BY g.given_on DESC, g.id DESC LIMIT 51
        """,
        method, *before,
    )  # fmt: skip
    return _GIFTS.render(rows=rows[:50])


async def record_gift(pool: Any, donor: int, amount: int, on: date, key: str) -> None:
    """The rows that a recorded cheque consists of."""
    now = days.now()
    values = json.dumps(
        {"amount": amount, "currency": "USD", "given_on": on.isoformat(), "status": "settled"}
    )
    async with pool.acquire() as connection, connection.transaction():
        gift = await connection.fetchval(
            """
            INSERT INTO gifts (organisation, donor, kind, method, source, amount, currency, status, given_on, received_on,
                               refunded_amount, fee_cover, cheque_number, in_kind_description, benefit_description,
                               benefit_value, note, anonymous, receipt_wanted, receipt_needs_correction, entry_key,
                               created_at, updated_at, version)
            VALUES (1, $1, 'cash', 'cheque', 'staff', $2, 'USD', 'settled', $3, $3, 0, 0, '', '', '', 0, '', false, false,
                    false, $4, $5, $5, 1) RETURNING id
            """,
            donor, amount, on, key, now,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO gift_splits (gift, fund, amount) VALUES ($1, 1, $2)", gift, amount
        )
        journal = await connection.fetchval(
            """
            INSERT INTO journals (organisation, day, event, source_kind, source_id, created_at)
            VALUES (1, $1, 'received', 'gift', $2, $3) RETURNING id
            """,
            on, gift, now,
        )  # fmt: skip
        await connection.execute(
            """
            INSERT INTO postings (journal, account, fund, amount, currency)
            VALUES ($1, 'undeposited', NULL, $2, 'USD'), ($1, 'income', 1, -$2::bigint, 'USD')
            """,
            journal, amount,
        )  # fmt: skip
        await connection.execute(
            """
            INSERT INTO gift_events (gift, at, kind, status_before, status_after, after, reason, actor_kind, actor_label)
            VALUES ($1, $2, 'recorded', '', 'settled', $3, '', 'staff', 'Ana Ruiz')
            """,
            gift, now, values,
        )  # fmt: skip
        change = await connection.fetchval(
            """
            INSERT INTO changes (at, actor_kind, actor_label, action, object_kind, object_id)
            VALUES ($1, 'staff', 'Ana Ruiz', 'gift.recorded', 'gift', $2) RETURNING id
            """,
            now, gift,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO change_values (change, subject, after) VALUES ($1, $2, $3)", change, donor, values
        )
        await connection.execute(
            """
            INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, amount, currency,
                                          status, route, route_id, permission)
            VALUES ($1, 'gift', $2, $3, $4, 'by cheque', 'Fund 1', $5, 'USD', 'settled', 'gifts:show', $2, 'gifts.read')
            """,
            donor, gift, on, now, amount,
        )  # fmt: skip
        await enqueue(connection, "gift.settled")


async def webhook(pool: Any, body: bytes, signature: str) -> None:
    """Verify, keep once, promise a job."""
    signed = dict(part.split("=", 1) for part in signature.split(","))
    expected = hmac.new(SECRET.encode(), signed["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, signed["v1"])
    event = json.loads(body)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            """
            INSERT INTO stripe_events (event, type, about_kind, about_id, api_version, livemode, payload, received_at, outcome,
                                       error, tries)
            VALUES ($1, $2, 'payment', $3, $4, false, $5, $6, 'waiting', '', 0) ON CONFLICT (event) DO NOTHING
            """,
            event["id"], event["type"], event["data"]["object"]["id"], event["api_version"], body.decode(), days.now(),
        )  # fmt: skip
        await enqueue(connection, "take stripe event")


async def enqueue(connection: Any, name: str) -> None:
    await connection.execute(
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'queued', $1, $2)",
        name, b'{"said": [1]}',
    )  # fmt: skip
