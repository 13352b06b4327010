"""Imports: the runs there were, one run with its report, and a new one from an upload."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from imports import report, runs, stage, uploads
from imports.forms import AnswersForm, DaysForm
from kit import forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _

Asked = Request[Any, Any, Any]

MEANINGS = [
    ("gift", _("a gift that came")),
    ("pledge", _("an open pledge")),
    ("open", _("still asked for: skip it")),
    ("lost", _("lost: skip it")),
]


@get("/", name="imports:index", needs="imports.run")
async def index(request: Asked) -> Response[Any]:
    return page(request, "imports/index.html", "import_list", runs=await runs.listed())


FORMATS = [
    ("npsp", _("Salesforce NPSP: a zip with one CSV file a table")),
    ("volunteers", _("Volunteers, shifts or hours: CSV, XLSX, or a zip of them")),
]
ORDERS = [
    ("month_first", _("the month first, as in the United States")),
    ("day_first", _("the day first, as almost everywhere else")),
]


@get("/new", name="imports:new", needs="imports.run")
async def new(request: Asked) -> Response[Any]:
    asked = request.query_params.get("format", "")
    return _new(request, forms.blank(format=asked if asked in uploads.SOURCES else "npsp"))


def _new(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    return page(
        request,
        "imports/new.html",
        form=form,
        formats=FORMATS,
        largest=uploads.LARGEST,
        status_code=status_code,
    )


@post("/", name="imports:create", needs="imports.run", request_max_body_size=uploads.LARGEST + 1_000_000)
async def create(request: Asked) -> Response[Any]:
    typed = await request.form()
    source = typed.get("format", "npsp")
    source = source if source in uploads.SOURCES else "npsp"
    sent = typed.get("export")
    data, name = (await sent.read(), sent.filename) if isinstance(sent, UploadFile) else (b"", "")
    try:
        run = await uploads.upload(data, name, by=request.user.actor, source=source)
    except uploads.NotAnExport as no:
        return _new(request, forms.blank(format=source).refuse("export", str(no)), 422)
    return see(request, "imports:show", run_id=run)


@get("/{run_id:int}", name="imports:show", needs="imports.run")
async def show(request: Asked, run_id: FromPath[int]) -> Response[Any]:
    return await _shown(request, run_id, forms.blank())


async def _shown(request: Asked, run_id: int, form: Form[Any], status_code: int = 200) -> Response[Any]:
    run = await runs.one(run_id)
    return page(
        request,
        "imports/show.html",
        "import_run",
        run=run,
        report=run["report"],
        counted=[
            (report.OBJECTS[name], name, run["report"].counts[name]) for name in report.counted(run["report"])
        ],
        done_words=[(name, report.OBJECTS[name]) for name in stage.OBJECTS if name in run["report"].new],
        kind=dict(FORMATS).get(run["source"], run["source"]),
        orders=ORDERS,
        said=report.said,
        amount=report.amount,
        form=form,
        meanings=forms.options(MEANINGS, _("Choose")),
        status_code=status_code,
    )


@post("/{run_id:int}/answers", name="import_answers:create", needs="imports.run")
async def create_answers(request: Asked, run_id: FromPath[int]) -> Response[Any]:
    if (await runs.one(run_id))["source"] == "volunteers":
        return await _answer_days(request, run_id)
    form = read_form(AnswersForm, await request.form())
    if not form.ok:
        return await _shown(request, run_id, form, 422)
    try:
        await uploads.answer(
            run_id, dict(zip(form.value.stage, form.value.meaning, strict=True)), by=request.user.actor
        )
    except Refused as no:
        return await _shown(request, run_id, form.refuse("", str(no)), 422)
    return see(request, "imports:show", run_id=run_id)


async def _answer_days(request: Asked, run_id: int) -> Response[Any]:
    form = read_form(DaysForm, await request.form())
    if not form.ok:
        return await _shown(request, run_id, form, 422)
    try:
        await uploads.answer_days(run_id, form.value.days, by=request.user.actor)  # pyright: ignore[reportArgumentType]
    except Refused as no:
        return await _shown(request, run_id, form.refuse("", str(no)), 422)
    return see(request, "imports:show", run_id=run_id)


@post("/{run_id:int}/confirmations", name="import_confirmations:create", needs="imports.run")
async def create_confirmation(request: Asked, run_id: FromPath[int]) -> Response[Any]:
    await runs.one(run_id)
    try:
        await uploads.confirm(run_id, by=request.user.actor)
    except Refused as no:
        return await _shown(request, run_id, forms.blank().refuse("", str(no)), 422)
    return see(request, "imports:show", run_id=run_id)


router = Router(
    path="/imports", route_handlers=[index, new, create, show, create_answers, create_confirmation]
)
