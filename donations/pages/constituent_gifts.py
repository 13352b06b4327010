"""A constituent's giving: the panel of their page, and a page of its own."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from constituents import constituents
from donations import giving_summary, soft_credits, words
from kit import days, money
from kit.pages import asks_for_part, page
from staff import organisation


@get("/", name="constituent_gifts:index", needs="gifts.read")
async def index(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    who = await constituents.get(constituent_id)
    ours = await organisation.needed()
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
        latest=await giving_summary.latest(constituent_id, 5 if asks_for_part(request) else 200),
        pledges=await giving_summary.pledges(constituent_id),
        credits=await soft_credits.of_constituent(constituent_id),
        methods=words.METHODS,
        kinds=words.KINDS,
        by=words.BY,
        bars=bars,
    )


def bars(summary: giving_summary.Summary, credit: str) -> list[tuple[str, int, str, str | None, bool]]:
    """The years as `ui.bar_chart` draws them; the last one is still running."""
    return [
        (
            str(year.year),
            getattr(year, credit),
            money.show(getattr(year, credit), summary.currency),
            None,
            year is last,
        )
        for last in summary.years[-1:]
        for year in summary.years
    ]


router = Router(path="/constituents/{constituent_id:int}/gifts", route_handlers=[index])
