"""The donor's field of a gift: matches while one types."""

from typing import Any

from litestar import Request, Response, Router, get

from donations import donors
from kit import forms
from kit.pages import page
from staff import organisation


@get("/", name="gift_donors:index", needs="gifts.write")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    typed = request.query_params.get("donor_q", "")[:200]
    ours = await organisation.needed()
    found = await donors.matching(typed.replace("\0", ""), home=ours["country"])
    chosen = str(found[0]["id"]) if len(found) == 1 else ""
    return page(
        request, "donations/gifts/donors.html", "donor_choices",
        form=forms.blank(donor_q=typed, donor=chosen), donors=found, donor=None,
    )  # fmt: skip


router = Router(path="/gift-donors", route_handlers=[index])
