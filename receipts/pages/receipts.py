"""The list of receipts, one receipt, and what was printed."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from kit import changes, files, forms, pdf
from kit.errors import NotFound
from kit.pages import page
from kit.words import _
from receipts import delivery, finding, letter, receipts


@get("/", name="receipts:index", needs="receipts.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = request.query_params
    q, state = asked.get("q", "")[:100], asked.get("state", "")
    state = state if state in ("live", "void", "needs_correction") else ""
    after = finding.Place.read(asked.get("after", ""))
    found, more = await finding.page(q, state, after)
    return page(
        request, "receipts/receipts/index.html", "receipt_list",
        receipts=found, more=more, q=q, state=state, after=after,
    )  # fmt: skip


@get("/{receipt_id:int}", name="receipts:show", needs="receipts.read")
async def show(request: Request[Any, Any, Any], receipt_id: FromPath[int]) -> Response[Any]:
    return await show_page(request, receipt_id, forms.blank())


async def show_page(
    request: Request[Any, Any, Any], receipt_id: int, form: forms.Form[Any], status_code: int = 200
) -> Response[Any]:
    receipt = await receipts.get(receipt_id)
    zone = request.scope["state"]["organisation"]["zone"]
    return page(
        request, "receipts/receipts/show.html", "receipt_preview",
        receipt=receipt, snapshot=letter.from_json(receipt["snapshot"]), lines=await finding.lines_of(receipt_id),
        mails=await finding.mail_of(receipt_id), history=await changes.told("receipt", receipt_id, zone), zone=zone,
        form=form, status_code=status_code,
    )  # fmt: skip


@get("/{receipt_id:int}/pdf", name="receipts:pdf", needs="receipts.read")
async def document(receipt_id: FromPath[int]) -> Response[bytes]:
    receipt, file = await _original(receipt_id)
    return _as_file(file.data, delivery.file_name(receipt["label"]))


@get("/{receipt_id:int}/void-copy", name="void_copies:show", needs="receipts.read")
async def void_copy(receipt_id: FromPath[int]) -> Response[bytes]:
    receipt = await receipts.get(receipt_id)
    if receipt["voided_at"] is None:
        raise NotFound(_("This receipt is not void."))
    return _as_file(await delivery.void_copy(receipt_id), delivery.file_name(f"{receipt['label']}-void"))


@get("/{receipt_id:int}/picture", name="receipt_pictures:show", needs="receipts.read")
async def picture(receipt_id: FromPath[int]) -> Response[bytes]:
    _receipt, file = await _original(receipt_id)
    return Response(await pdf.picture(file.data), media_type="image/png")


async def _original(receipt_id: int) -> tuple[dict[str, Any], files.File]:
    receipt = await receipts.get(receipt_id)
    if receipt["file"] is None:
        raise NotFound(_("The PDF is being made. Try again in a moment."))
    return receipt, await files.read(receipt["file"])


def _as_file(data: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/pdf", headers=headers)


router = Router(path="/receipts", route_handlers=[index, show, document, void_copy, picture])
