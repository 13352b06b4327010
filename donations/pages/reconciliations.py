"""Reconciliations: Stripe against the ledger, run nightly or now."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import ledger, reconciliation, stripe_api
from donations.tables import Account
from kit.pages import page, see


@get("/", name="reconciliations:index", needs="payments.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    currency = (request.scope["state"]["organisation"] or {"currency": "USD"})["currency"]
    return page(
        request, "donations/payments/reconciliations.html", reconciliations=await reconciliation.latest(),
        held=await ledger.balance(Account.STRIPE, currency), currency=currency, is_open=stripe_api.is_open(),
    )  # fmt: skip


@post("/", name="reconciliations:create", needs="payments.repair")
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    made = await reconciliation.begin(by=request.user.actor)
    return see(request, "reconciliations:show", reconciliation_id=made)


@get("/{reconciliation_id:int}", name="reconciliations:show", needs="payments.read")
async def show(request: Request[Any, Any, Any], reconciliation_id: FromPath[int]) -> Response[Any]:
    found = await reconciliation.get(reconciliation_id)
    return page(request, "donations/payments/reconciliation.html", "reconciliation", found=found)


router = Router(path="/reconciliations", route_handlers=[index, create, show])
