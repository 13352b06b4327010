"""R10: what people type stays text: in pages, mails, PDF files, exports and the database."""

import asyncio
import contextvars
import csv
import email
import email.policy
import io
import os
import random
import re
import socket
import time
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pypdfium2
import pytest

from donations.tables import GiftKind, GiftMethod
from kit import db, files, jobs, mail, pdf, sheets, smtp
from tests import make, routes
from tests.reliability import examples
from tests.reliability.payloads import MARK, PAYLOADS
from tests.reliability.wire import undone

PARTS = 4
# The quick run takes every fifth payload for each field, another fifth each time; SOAK=1 takes all of them.
STEP = 1 if os.environ.get("SOAK") else 5
# Fields that take any words; the others are read as numbers, days, choices or addresses and get one payload at a time.
FREE = {
    "/appeals/{appeal_id:int}": ("name", "source_code"),
    "/campaigns": ("name", "heading", "text"),
    "/campaigns/{campaign_id:int}": ("name", "heading", "text"),
    "/campaigns/{campaign_id:int}/appeals": ("name", "source_code"),
    "/constituents": (
        "given_name", "family_name", "middle_name", "prefix", "suffix", "nickname", "job_title", "greeting", "website", "tags", "street",
        "city", "region", "postal_code",
    ),
    "/constituents/{constituent_id:int}": (
        "given_name", "family_name", "middle_name", "prefix", "suffix", "nickname", "job_title", "greeting", "website", "tags", "street",
        "city", "region", "postal_code",
    ),
    "/constituents/{constituent_id:int}/notes": ("note",),
    "/funds": ("name", "account_code", "description"),
    "/funds/{fund_id:int}": ("name", "account_code", "description"),
    "/gifts": ("note", "cheque_number", "donor_q", "entry_key"),
    "/gifts/{gift_id:int}": ("note", "cheque_number", "reason"),
    "/gifts/{gift_id:int}/bounces": ("reason",),
    "/gifts/{gift_id:int}/refunds": ("reason",),
    "/gifts/{gift_id:int}/voids": ("reason",),
    "/give": ("first_name", "last_name", "street", "city", "region", "postal_code", "comment"),
    "/organisation": (
        "name", "legal_name", "street", "city", "region", "postal_code", "signer_name", "signer_title", "giving_heading", "giving_text",
    ),
    "/receipts/{receipt_id:int}/voids": ("reason",),
    "/staff": ("name",),
    "/staff/{member_id:int}": ("name",),
    "/constituents/{household_id:int}/memberships": ("role",),
    "/closed-days": ("name",),
    "/hours": ("note",),
    "/qualifications/{qualification_id:int}": ("name",),
    "/volunteers/{constituent_id:int}/signatures": ("signed_name",),
    "/hours/{hours_id:int}": ("note",),
    "/hours/{hours_id:int}/refusals": ("reason",),
    "/hours/values": ("source",),
    "/kiosks": ("name",),
    "/shifts/{shift_id:int}/walk-ins": ("first_name", "last_name"),
    "/volunteer/kiosk/{token:str}/walk-ins": ("first_name", "last_name"),
    "/opportunities/{opportunity_id:int}": ("title", "description", "bring", "waivers"),
    "/opportunities/{opportunity_id:int}/shifts": ("note",),
    "/places": ("name", "address", "directions"),
    "/places/{place_id:int}": ("name", "address", "directions"),
    "/programmes": ("name", "description", "funder"),
    "/programmes/{programme_id:int}": ("name", "description", "funder"),
    "/programmes/{programme_id:int}/opportunities": ("title", "description", "bring", "waivers"),
    "/qualifications": ("name",),
    "/shifts/{shift_id:int}": ("note",),
    "/shifts/{shift_id:int}/cancellations": ("reason",),
    "/shifts/{shift_id:int}/sign-ups": ("q",),
    "/sign-ups/{signup_id:int}/refusals": ("reason",),
    "/volunteer/mine/{token:str}/hours": ("note",),
    "/volunteer/shifts/{shift_id:int}/sign-ups": ("first_name", "last_name", "names", "comment"),
    "/volunteers/{constituent_id:int}": ("skills", "languages", "interests", "notes", "guardian_name", "emergency_name"),
    "/waivers": ("waiver_name", "text"),
}  # fmt: skip
# Forms that are about a password or a file have no words to spoil.
NO_WORDS = {"/account/password", "/password/{token:str}"}


# ---------------------------------------------------------------- looking for what should not be there


class Found(HTMLParser):
    """What a browser would make of a page: anything alive that no template of ours wrote."""

    _OURS = re.compile(
        r"^(?:/(?![/\\])|#|\?|mailto:|tel:|data:image/(?:png|svg\+xml)|https?://[\w.-]+(?:[/?#:]|$)|$)"
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.text: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_script = tag in ("script", "style")
        if tag in (
            "iframe",
            "object",
            "embed",
            "base",
            "frame",
            "math",
            "style",
            "portal",
            "x",
            "foreignobject",
        ):
            self.wrong.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.wrong.append(f"<script {given}>")
        if tag == "meta" and given.get("http-equiv"):
            self.wrong.append("meta refresh")
        for name, value in given.items():
            if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc", "formaction") or MARK in name:
                self.wrong.append(f"{tag} {name}={value[:60]}")
            if name in (
                "src",
                "href",
                "action",
                "hx-get",
                "hx-post",
                "data",
                "poster",
                "ping",
            ) and not self._OURS.match(value):
                self.wrong.append(f"{tag} {name}={value[:60]}")
            if name in ("src", "action", "hx-get", "hx-post") and "evil.example" in value.split("?")[0]:
                self.wrong.append(f"{tag} {name}={value[:60]}")
            if name.startswith("hx-") and "js:" in value:
                self.wrong.append(f"{tag} {name}")
            self.text.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and MARK in data:
            self.wrong.append(f"script says {data[:60]}")
        self.text.append(data)


def alive(html: str) -> list[str]:
    """What in this page is more than text. Empty is well."""
    page = Found()
    page.feed(html)
    if any("49" + MARK in piece for piece in page.text):
        page.wrong.append("a template was run")
    if any("root:x:0:" in piece or "scrypt" in piece or "$argon2" in piece for piece in page.text):
        page.wrong.append("a secret")
    return page.wrong


def troubles(answer: Any) -> list[str]:
    """What is wrong with an answer of the application."""
    wrong = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    if "x-evil" in answer.headers or "\n" in "".join(answer.headers.values()):
        wrong.append("a header")
    location = answer.headers.get("location", "/")
    if not re.match(r"/(?![/\\])|http://(?:localhost|127\.0\.0\.1)", location):
        wrong.append(f"it leads to {location}")
    if answer.headers.get("content-type", "").startswith("text/html"):
        wrong += alive(answer.text)
    return wrong


def test_the_looking_finds_what_is_alive():
    """A detector that finds nothing proves nothing."""
    for text in (
        "<script>window.zq7x=1</script>", "<img src=x onerror=window.zq7x=1>", "<a href=javascript:window.zq7x=1>x</a>", "<b style='x'>",
        "<iframe srcdoc='x'>", "<form action=//evil.example>", "<div hx-on:click=x>", "<p>49zq7x</p>", "<meta http-equiv=refresh content=0>",
        '<input value="" onmouseover="window.zq7x=1">', "<svg><image href=file:///etc/passwd></svg>", "<base href=//evil.example>",
    ):  # fmt: skip
        assert alive(text), text
    assert alive('<p>&lt;script&gt;window.zq7x=1</p><a href="/gifts?q=%3Cscript%3E">zq7x</a>') == []


def test_there_are_three_hundred():
    assert (
        len(PAYLOADS) >= 300
        and len(set(PAYLOADS)) == len(PAYLOADS)
        and all(MARK in text for text in PAYLOADS)
    )


def test_every_form_is_tried():
    forms = {
        path
        for path, fields in examples.FIELDS.items()
        if any(not value.startswith("{") for value in fields.values())
    }

    assert set(FREE) <= set(examples.FIELDS)
    assert forms - NO_WORDS - set(FREE) == {path for path in forms - NO_WORDS - set(FREE) if path in ODD_ONLY}


# Forms whose fields all have to be read: days, numbers, choices, addresses, a search.
ODD_ONLY = {
    "/constituents/{constituent_id:int}/death", "/forgotten", "/gifts/export", "/volunteers/export", "/shifts/export", "/shifts/{shift_id:int}/sign-ups/export", "/coverage/export",
    "/hours/export", "/hours/totals/export", "/qualifications/export", "/qualifications/ending/export", "/coverage/attendance/export", "/waivers/{waiver_id:int}/export", "/gifts/{gift_id:int}/deposits", "/sign-in", "/give/{slug:str}",
    "/memberships/{membership_id:int}/end", "/gifts/{gift_id:int}/moves", "/imports/{run_id:int}/answers", "/shifts/copies",
    "/shifts/{shift_id:int}/moves", "/coverage/shifts/{shift_id:int}/asks", "/volunteer/links", "/volunteer/mine/{token:str}/wishes",
    "/shifts/{shift_id:int}/presses", "/sign-ups/{signup_id:int}/replacements", "/volunteer/asks/{token:str}", "/volunteer/kiosk/{token:str}/presses",
    "/volunteer/kiosk/{token:str}/sessions", "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/answers",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/presses",
    "/volunteers/{constituent_id:int}/qualifications",
}  # fmt: skip


# ---------------------------------------------------------------- every field of every form


@pytest.mark.reliability
@pytest.mark.parametrize("part", range(PARTS))
async def test_no_form_takes_text_for_more(browser, stripe_side, part):
    """Each field of each form gets each payload: the free ones of a form together, the others one at a time."""
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={seed}")  # noqa: T201
    luck = random.Random(seed)
    member = await browser.sign_in(role="administrator")
    ids = await examples.world(me=member.id)
    await examples.open_the_tablet(browser, ids)
    wrong: dict[str, str] = {}
    for path, fields in examples.FIELDS.items():
        if path in NO_WORDS or not fields:
            continue
        async with undone():
            if path in examples.PREPARED:
                await examples.PREPARED[path](ids)
            typed, free = examples.fields(path, ids), FREE.get(path, ())
            others = [name for name in typed if name not in free]
            for number in range(part + PARTS * luck.randrange(STEP), len(PAYLOADS), PARTS * STEP):
                async with undone():
                    spoilt = {
                        name: PAYLOADS[(number + 7 * i) % len(PAYLOADS)][:80] for i, name in enumerate(free)
                    }
                    await _sent(
                        browser,
                        routes.filled(path, ids),
                        {**typed, **spoilt},
                        wrong,
                        look=number % 4 == part % 4,
                    )
                for name in others[number % max(1, len(others)) :: 5][:1]:
                    async with undone():
                        await _sent(
                            browser, routes.filled(path, ids), {**typed, name: PAYLOADS[number]}, wrong
                        )

    assert not wrong, "\n".join(f"{what}: {where}" for what, where in list(wrong.items())[:40])


async def _sent(
    browser: Any, path: str, typed: dict[str, str], wrong: dict[str, str], *, look: bool = False
) -> None:
    """Send a form and note what is wrong with the answer, and with the page it leads to."""
    answer = await browser.post(path, data=typed)
    answers = [answer]
    location = answer.headers.get("location", "")
    if look and answer.status_code == 303 and location.startswith("/"):
        answers.append(await browser.get(location))
    for found in answers:
        for what in troubles(found):
            wrong.setdefault(f"{path} {what}", f"{found.url} {typed}")


# ---------------------------------------------------------------- read back everywhere


async def lived_in() -> dict[str, list[int]]:
    """A house where every name is a payload: all of them, spread over people, funds, campaigns, gifts, notes."""
    from constituents import notes

    await make.organisation(name="<b>zq7x</b>", legal_name="{{7*7}}zq7x", giving_heading="<img src=x onerror=window.zq7x=1>",
                            giving_text="<script>window.zq7x=1</script>", signer_name="'><svg onload=window.zq7x=1>")  # fmt: skip
    await make.general_fund()
    texts = [text.replace("\x00", "") for text in PAYLOADS]
    there: dict[str, list[int]] = {"constituents": [], "gifts": [], "funds": [], "campaigns": [], "notes": []}
    for number in range(0, len(texts), 4):
        one, two, three, four = (texts[(number + i) % len(texts)][:150] for i in range(4))
        person = await make.person(_line(one), _line(two), nickname=_line(three), job_title=_line(four), tags=[_line(four)[:60]],
                                   email=f"d{number}@example.org", greeting=_line(one), website=_line(three))  # fmt: skip
        there["constituents"].append(person.id)
        if number % 16 == 0:
            there["notes"].append(await notes.write(person.id, two, by=make.STAFF))
            fund = await make.fund(_line(f"{number} {three}")[:150], description=one)
            there["funds"].append(fund.id)
            there["campaigns"].append(
                (await make.campaign(_line(f"{number} {two}")[:150], heading=_line(one), text=four)).id
            )
            gift = await make.gift(donor=person, amount=5000 + number, splits=[(fund.id, 5000 + number)], note=four,
                                   benefit_description=_line(three)[:300], benefit_value=100, cheque_number=_line(two)[:40])  # fmt: skip
            there["gifts"].append(gift.id)
    return there


def _line(text: str) -> str:
    """As the forms read one line."""
    from kit.forms import Text

    try:
        return Text(max=1000).read([text], {})
    except ValueError:
        return "zq7x"


@pytest.mark.reliability
async def test_every_page_shows_payloads_as_text(browser):
    await browser.sign_in(role="administrator")
    there = await lived_in()
    ids = await examples.world(me=1)
    paths = [
        routes.filled(route.path, ids)
        for route in routes.expected()
        if route.method == "GET"
        and not route.path.startswith(("/static", "/style", "/receipts/{", "/logo", "/healthz"))
    ]
    paths += [f"/constituents/{id}" for id in there["constituents"]]
    paths += [f"/constituents/{id}/edit" for id in there["constituents"][::9]]
    paths += [
        f"/gifts/{id}{more}" for id in there["gifts"] for more in ("", "/edit", "/moves/new", "/refunds/new")
    ][::2]
    paths += [f"/funds/{id}/edit" for id in there["funds"]] + [
        f"/campaigns/{id}" for id in there["campaigns"]
    ]
    paths += [f"/notes/{id}" for id in there["notes"]] + [
        "/constituents?sort=newest",
        "/constituents?sort=lifetime",
    ]
    wrong = {}
    seen = 0
    for path in paths:
        async with undone():
            answer = await browser.get(path)
        seen += MARK in answer.text
        if found := troubles(answer):
            wrong[path] = found
    for text in PAYLOADS[::3]:
        asked = dict.fromkeys(("q", "donor_q", "name", "after", "tag", "fund"), text)
        for path in ("/search", "/constituents", "/gifts", "/gift-donors", "/receipts", "/constituents/new"):
            async with undone():
                answer = await browser.get(path, params=asked)
            if found := troubles(answer):
                wrong[f"{path} {text}"] = found

    assert not wrong, list(wrong.items())[:20]
    assert seen > 100


@pytest.mark.reliability
async def test_what_was_typed_comes_back_letter_by_letter(browser):
    """Escaped once, not twice, and nothing taken away."""
    await browser.sign_in(role="administrator")
    for text in PAYLOADS[:168:3]:
        name = _line(text)
        person = await make.person("Zora", name)
        shown = (await browser.get(f"/constituents/{person.id}/edit")).text
        value = re.search(
            r'name="family_name"[^>]*?value="([^"]*)"|value="([^"]*)"[^>]*?name="family_name"', shown
        )
        assert value, text
        assert unescape(value[1] or value[2] or "") == name


@pytest.mark.reliability
async def test_the_export_has_no_formula(browser):
    await browser.sign_in(role="administrator")
    await lived_in()
    answer = await browser.submit("/gifts/export")
    cells = [cell for line in csv.reader(io.StringIO(answer.text)) for cell in line]

    assert sum(MARK in cell for cell in cells) > 20
    assert [cell for cell in cells if MARK in cell and _is_formula(cell)] == []


def test_no_cell_is_a_formula():
    for text in PAYLOADS:
        [[cell]] = csv.reader(io.StringIO(sheets.csv_line([text]), newline=""))
        assert not _is_formula(cell) and cell in (text, f"'{text}")


def _is_formula(cell: str) -> bool:
    """What Excel, LibreOffice or Sheets may take for a formula, the wide signs of East Asia with them."""
    return cell.lstrip(" \u00a0\ufeff\u200b\n\x00").startswith(
        ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
    )


# ---------------------------------------------------------------- mail


@pytest.mark.reliability
async def test_no_mail_has_another_header_or_markup(browser):
    await browser.sign_in(role="administrator")
    await make.organisation(name='zq7x"\u2028Bcc: evil@example.org', legal_name="<b>zq7x</b>")
    for number, text in enumerate(PAYLOADS):
        await browser.submit("/staff", name=text[:80], email=f"m{number}@riverbend.example", role="finance")
    letters = await db.rows("SELECT * FROM mails")

    assert len(letters) > 250
    for letter in letters:
        message = email.message_from_bytes(
            smtp.compose(await mail._letter(letter, {"link_url": "https://x"}, "https://x")).as_bytes(),
            policy=email.policy.default,
        )
        assert set(map(str.lower, message.keys())) <= HEADERS, message.keys()
        assert [address.addr_spec for address in message["to"].addresses] == [letter["address"]]
        assert "\n" not in message["subject"]


HEADERS = {"to", "from", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "reply-to",
           "auto-submitted", "x-auto-response-suppress", "precedence", "content-language", "sender", "list-unsubscribe",
           "list-unsubscribe-post"}  # fmt: skip


# ---------------------------------------------------------------- PDF


@pytest.mark.reliability
@pytest.mark.parametrize("part", range(2))
async def test_a_receipt_is_text_and_fetches_nothing(part):
    from receipts import delivery, receipts

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        port = listening.getsockname()[1]
        texts = [_settable(_line(text.replace("127.0.0.1:1/", f"127.0.0.1:{port}/"))) for text in PAYLOADS]
        await make.general_fund()
        read = 0
        for number in range(part * 6, len(texts), 12):
            given = [texts[(number + i) % len(texts)] for i in range(6)]
            donor = await make.person(given[0][:200], given[1][:200], greeting=given[2][:200])
            gift = await make.gift(donor=donor, kind=GiftKind.IN_KIND, method=GiftMethod.OTHER, amount=5000, in_kind_description=given[3],
                                   benefit_description=given[4][:300], benefit_value=100, note=given[5])  # fmt: skip
            receipt = await receipts.issue_for_gift(gift.id, by=make.STAFF)
            try:
                data = (await files.read(await delivery.document_of(receipt))).data
            except (pdf.MissingGlyphs, pdf.RenderFailed):
                continue
            assert b"/EmbeddedFile" not in data and b"/JavaScript" not in data and b"/Launch" not in data
            pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]
            assert len(pages) <= 2 and "root:" not in "".join(pages) and "49zq7x" not in "".join(pages)
            read += MARK in "".join(pages)
        await pdf.stop()
        with pytest.raises(TimeoutError):
            listening.accept()

    assert read >= 10


def _settable(text: str) -> str:
    """Without the signs that no font of ours has: those stop a receipt before it is set."""
    return "".join(sign for sign in text if not pdf.missing(sign))


# ---------------------------------------------------------------- import


@pytest.mark.reliability
async def test_an_import_takes_payloads_as_text(browser, tmp_path):
    from imports import npsp
    from tests.imports import exports

    await make.organisation()
    folder = exports.copy(tmp_path)
    texts = iter(text.replace("\x00", "").replace("\r", "\n")[:60] for text in PAYLOADS * 30)
    words = {"FirstName", "LastName", "Name", "Title", "MailingStreet", "MailingCity", "Description", "BillingStreet", "BillingCity",
             "npsp__MailingStreet__c", "npsp__MailingCity__c"}  # fmt: skip
    for name in ("Account", "Contact", "Campaign", "npsp__General_Accounting_Unit__c", "npsp__Address__c"):
        exports.edit(
            folder / f"{name}.csv",
            lambda row: row.update(
                {column: next(texts) for column in row if column in words and row[column]}
            ),
        )
    await npsp.run(folder, started_by="Ana")
    await browser.sign_in(role="administrator")

    stored = await db.rows("SELECT id FROM constituents WHERE name LIKE '%zq7x%' ORDER BY id")
    assert len(stored) > 50
    wrong = {}
    for row in stored[::3]:
        if found := troubles(await browser.get(f"/constituents/{row['id']}")):
            wrong[row["id"]] = found
    for path in ("/constituents", "/gifts", "/funds", "/campaigns", "/imports"):
        if found := troubles(await browser.get(path)):
            wrong[path] = found
    assert wrong == {}
    assert await db.value("SELECT count(*) FROM gifts") > 200


# ---------------------------------------------------------------- a real browser


@pytest.mark.reliability
async def test_a_real_browser_runs_nothing(browser):
    """Chromium, with our content policy switched off: only escaping stands between a name and a script."""
    import shutil

    from playwright.async_api import async_playwright

    from tests.journeys.conftest import _FLAGS, _NAMES

    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here")
    await browser.sign_in(role="administrator")
    there = await lived_in()
    await jobs.drain()
    elsewhere: list[str] = []
    here, turn = contextvars.copy_context(), asyncio.Lock()

    async def serve(route: Any) -> None:
        if not route.request.url.startswith("https://almoner.test/"):
            elsewhere.append(route.request.url)
            await route.abort()
            return
        names = ("hx-request", "hx-request-type", "hx-target", "accept")
        async with turn:
            sent = {name: value for name, value in route.request.headers.items() if name in names}
            answer = await browser.get(route.request.url, headers=sent, follow_redirects=True)
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("content-length", "set-cookie")
        }
        await route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    async def in_this_transaction(route: Any) -> None:
        await asyncio.get_running_loop().create_task(serve(route), context=here)

    paths = [
        "/",
        "/constituents",
        "/gifts",
        "/funds",
        "/campaigns",
        "/staff",
        "/organisation",
        "/tasks",
        "/give",
        "/gifts/new",
    ]
    paths += [f"/constituents/{id}" for id in there["constituents"][::6]] + [
        f"/gifts/{id}" for id in there["gifts"][::4]
    ]
    paths += [f"/constituents/{id}/edit" for id in there["constituents"][::20]] + [
        f"/campaigns/{there['campaigns'][1]}"
    ]
    paths += [
        f"/search?q={text}"
        for text in ("%3Cscript%3Ewindow.zq7x=1%3C/script%3E", "%22onfocus=window.zq7x=1%20autofocus=%22")
    ]
    ran = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        context = await chromium.new_context(bypass_csp=True)
        await context.route("**/*", in_this_transaction)
        page = await context.new_page()
        page.on("dialog", lambda dialog: ran.append(dialog.message))
        for path in paths:
            await page.goto(f"https://almoner.test{path}", wait_until="networkidle")
            if await page.evaluate("window.zq7x !== undefined"):
                ran.append(path)
            if await page.locator("[onerror],[onload],[onfocus],iframe,object,embed,base").count():
                ran.append(f"{path}: alive")
        # It would be seen: the same browser, a page that is not escaped.
        await page.set_content("<img src=x onerror='window.zq7x=1'>")
        await page.wait_for_function("window.zq7x === 1")
        await chromium.close()

    assert (ran, [url for url in elsewhere if not url.startswith("data:")]) == ([], [])
