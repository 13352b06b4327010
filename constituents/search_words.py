"""Which words the search knows: a word that is in no name any more is forgotten.

A record is found by its names, e-mails and phones of now, from the moment they change (`name_words` and the tables
themselves). Beside them lie, for slips, all words that some name has; a word outlives its last name until the night.
"""

import asyncpg

from kit import db


async def forget_unused() -> int:
    """Forget the words that no name has; returns how many. While names are being written it leaves them for the next night."""
    try:
        async with db.tx() as connection:
            # Nobody brings such a word back while it is looked for and taken away.
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute("LOCK TABLE name_words IN SHARE MODE")
            gone = await connection.fetch(
                """
                DELETE FROM search_words s
                 WHERE NOT EXISTS (SELECT FROM name_words w WHERE w.word = s.word) RETURNING word
                """
            )
            await connection.execute(
                """
                DELETE FROM word_slips w USING unnest($1::text[]) AS gone (word), slips_of(gone.word) AS part (slip)
                 WHERE w.slip = part.slip AND w.word = gone.word
                """,
                [row["word"] for row in gone],
            )
            return len(gone)
    except asyncpg.LockNotAvailableError:
        return 0  # an import is at work; tomorrow night will do
