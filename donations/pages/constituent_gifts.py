"""A constituent's giving: the panel of their page, and a page of its own."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from constituents import constituents
from donations import giving_summary, soft_credits, words
from kit import days, money
from kit.pages import asks_for_part, page
from kit.templates import url_for
from staff import organisation

_SHOWN = 50


@get("/", name="constituent_gifts:index", needs="gifts.read")
async def index(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    who = await constituents.get(constituent_id)
    ours = await organisation.needed()
    shown = 5 if asks_for_part(request) else _SHOWN
    latest = await giving_summary.latest(constituent_id, shown + 1)
    start = ours["fiscal_year_start"]

    def gifts_of(year: int) -> str:
        first, next_one = days.fiscal_year_begins(year, start), days.fiscal_year_begins(year + 1, start)
        return url_for(
            "gifts:index",
            donor=who["id"],
            since=first.isoformat(),
            until=(next_one - timedelta(1)).isoformat(),
        )

    return page(
        request,
        "donations/gifts/of_constituent.html",
        "giving_panel",
        who=who,
        ours=ours,
        today=days.today(ours["zone"]),
        summaries=await giving_summary.of(
            constituent_id, zone=ours["zone"], fiscal_year_start=ours["fiscal_year_start"]
        ),
        together=await giving_summary.of_household(constituent_id) if who["kind"] == "household" else [],
        latest=latest[:shown],
        more=len(latest) > shown,
        pledges=await giving_summary.pledges(constituent_id),
        credits=await soft_credits.of_constituent(constituent_id),
        methods=words.METHODS,
        kinds=words.KINDS,
        by=words.BY,
        bars=partial(bars, gifts_of),
        gifts_of=gifts_of,
    )


def bars(
    gifts_of: Callable[[int], str], summary: giving_summary.Summary, credit: str
) -> list[tuple[str, int, str, str | None, bool]]:
    """The years as `ui.bar_chart` draws them, each with its gifts behind it; the last one is still running."""
    return [
        (
            str(year.year),
            getattr(year, credit),
            money.show(getattr(year, credit), summary.currency),
            gifts_of(year.year) if credit == "hard" and year.hard else None,
            year is last,
        )
        for last in summary.years[-1:]
        for year in summary.years
    ]


router = Router(path="/constituents/{constituent_id:int}/gifts", route_handlers=[index])
