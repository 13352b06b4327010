"""What the clock does for constituents."""

from constituents import search_words
from kit import jobs


@jobs.every("forget unused words", "37 3 * * *")
async def forget_unused_words() -> None:
    await search_words.forget_unused()
