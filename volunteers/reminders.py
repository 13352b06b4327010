"""Reminders: at the hours before a shift that its role names, each once; silence after one is a risk."""

from kit import days, db
from volunteers import letters


async def send_due() -> int:
    """Send every reminder whose time has come and whose shift has not begun; returns how many.

    Of several that came due at once (somebody signs up late) only the latest is sent. Who had their place only after
    that time, from the line or after approval, was told the same hour.
    """
    found = await db.rows(
        """
        SELECT u.id, min(h.hours)::int AS hours
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity CROSS JOIN LATERAL unnest(o.remind_hours) AS h (hours)
          JOIN signups u ON u.shift = s.id AND u.status = 'confirmed'
         WHERE s.status = 'open' AND s.starts_at > $1 AND s.starts_at <= $1 + interval '31 days'
           AND s.starts_at - make_interval(hours => h.hours) <= $1
      GROUP BY u.id
        HAVING NOT EXISTS (SELECT FROM shift_reminders r WHERE r.signup = u.id AND r.hours_before <= min(h.hours))
           AND u.created_at < min(s.starts_at) - make_interval(hours => min(h.hours))
           AND NOT EXISTS (SELECT FROM mails m WHERE m.what = 'signup:' || u.id AND m.purpose LIKE 'confirmed%'
                              AND m.created_at >= min(s.starts_at) - make_interval(hours => min(h.hours)))
      ORDER BY u.id
        """,
        days.now(),
    )
    for row in found:
        async with db.tx():
            new = await db.value(
                """
                INSERT INTO shift_reminders (signup, hours_before, sent_at) VALUES ($1, $2, $3)
                ON CONFLICT DO NOTHING RETURNING id
                """,
                row["id"],
                row["hours"],
                days.now(),
            )
            if new is not None:
                await letters.reminder(row["id"], row["hours"])
    return len(found)
