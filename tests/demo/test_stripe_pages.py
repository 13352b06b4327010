"""Checkout and the control page, as a browser without script meets them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from demo.stand_in import StandIn
from demo.stripe_control import DEEDS, SAID
from tests.demo.conftest import NewSession

FORM = {
    "name": "Margaret Okafor",
    "country": "US",
    "postal_code": "97201",
    "number": "",
    "pay_with": "4242424242424242",
}
THANKS = "http://localhost:8000/give/thanks?session="


@pytest.fixture
def browser(stand_in: StandIn) -> Iterator[httpx.Client]:
    headers = {"Origin": stand_in.url, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=stand_in.url, headers=headers, follow_redirects=False) as client:
        yield client


def path(session: stripe.checkout.Session) -> str:
    assert session.url
    return httpx.URL(session.url).path


def test_the_page_says_who_what_and_that_it_is_pretend(browser: httpx.Client, new_session: NewSession):
    page = browser.get(path(new_session()))
    assert page.status_code == 200
    for words in (
        "Pretend money.",
        "$25.00",
        "Gift to Riverbend",
        "margaret@example.org",
        "Donate $25.00",
        'href="http://localhost:8000/give"',
    ):
        assert words in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8000" in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_paying_leads_back_to_the_site(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    session = new_session()
    answer = browser.post(path(session), data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, THANKS + session.id)
    charge = stand_in.all("charge")[0]
    assert charge["billing_details"]["name"] == "Margaret Okafor"
    assert charge["billing_details"]["address"]["postal_code"] == "97201"
    again = browser.post(path(session), data=FORM)
    assert "This payment is complete." in again.text
    assert THANKS + session.id in again.text
    assert len(stand_in.all("charge")) == 1


def test_a_decline_says_so_and_keeps_what_was_typed(
    stand_in: StandIn, browser: httpx.Client, new_session: NewSession
):
    session = new_session()
    answer = browser.post(path(session), data=FORM | {"pay_with": "4000000000009995"})
    assert answer.status_code == 402
    assert "Your card has insufficient funds." in answer.text
    assert 'value="Margaret Okafor"' in answer.text
    assert browser.post(path(session), data=FORM).status_code == 303


def test_another_number_with_spaces(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    answer = browser.post(
        path(new_session()), data=FORM | {"pay_with": "other", "number": "5555 5555 5555 4444"}
    )
    assert answer.status_code == 303
    assert stand_in.all("charge")[0]["payment_method_details"]["card"]["brand"] == "mastercard"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pay_with": "other", "number": "4111111111111111"}, "No pretend card has that number"),
        ({"pay_with": ""}, "No pretend card has that number"),
        ({"name": ""}, "Type the name"),
    ],
)
def test_what_the_form_refuses(
    stand_in: StandIn, browser: httpx.Client, new_session: NewSession, change: dict[str, str], words: str
):
    answer = browser.post(path(new_session()), data=FORM | change)
    assert answer.status_code == 422
    assert words in answer.text
    assert stand_in.all("payment_intent") == []


def test_an_address_is_asked_for_when_wanted(
    stand_in: StandIn, browser: httpx.Client, new_session: NewSession
):
    session = new_session(billing_address_collection="required", customer_email="zoe@example.org")
    answer = browser.post(path(session), data=FORM)
    assert answer.status_code == 422
    assert "City is missing." in answer.text
    good = FORM | {"line1": "1 Mill Lane", "city": "Portland", "state": "OR"}
    assert browser.post(path(session), data=good).status_code == 303
    assert stand_in.all("checkout.session")[0]["customer_details"]["address"]["city"] == "Portland"


@pytest.mark.parametrize("answer", ["approve", "fail"])
def test_3d_secure(stand_in: StandIn, browser: httpx.Client, new_session: NewSession, answer: str):
    session = new_session()
    asked = browser.post(path(session), data=FORM | {"pay_with": "4000002500003155"})
    assert asked.headers["location"] == path(session) + "/authenticate"
    assert "Confirm this payment" in browser.get(asked.headers["location"]).text
    done = browser.post(asked.headers["location"], data={"answer": answer})
    if answer == "approve":
        assert done.headers["location"] == THANKS + session.id
    else:
        assert done.status_code == 402
        assert "unable to authenticate" in done.text
    assert len(stand_in.all("charge")) == (1 if answer == "approve" else 0)


def test_a_bank_debit_leads_back_at_once(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    answer = browser.post(path(new_session()), data=FORM | {"pay_with": "000123456789"})
    assert answer.status_code == 303
    assert stand_in.all("checkout.session")[0]["payment_status"] == "unpaid"


def test_only_cards_when_only_cards_are_allowed(browser: httpx.Client, new_session: NewSession):
    session = new_session(allowed_payment_method_types=["card"])
    assert "Bank debit" not in browser.get(path(session)).text
    assert browser.post(path(session), data=FORM | {"pay_with": "000123456789"}).status_code == 422


def test_an_expired_or_unknown_page(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    session = new_session()
    stand_in.expire(session.id)
    assert "This payment page has expired." in browser.get(path(session)).text
    assert browser.post(path(session), data=FORM).status_code == 200
    assert browser.get("/c/pay/cs_test_no").status_code == 404
    assert stand_in.all("charge") == []


def test_another_site_cannot_press_the_buttons(
    stand_in: StandIn, browser: httpx.Client, new_session: NewSession
):
    session = new_session()
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-site"},
    ):
        assert browser.post(path(session), data=FORM, headers=headers).status_code == 403
        assert browser.post("/control/reset", headers=headers).status_code == 403
    assert len(stand_in.all("checkout.session")) == 1


@pytest.mark.parametrize("body", [b"\xff\xfe", b"name=%ff", b"a=1&" * 300, b"{}", b"name=%00"])
def test_junk_in_a_form_is_the_callers_fault(browser: httpx.Client, new_session: NewSession, body: bytes):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post(path(new_session()), content=body, headers=headers).status_code in (400, 422)


# ---- control ----------------------------------------------------------------------------------------


def deed(browser: httpx.Client, name: str, **given: Any) -> Any:
    return browser.post(
        f"/control/{name}", content=json.dumps(given), headers={"Content-Type": "application/json"}
    )


def test_every_deed_as_json(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    assert deed(browser, "set", balance_delay=0, refund_delay=0, bank_delay=86_400).json()["ok"]
    first, second, third = new_session(), new_session(), new_session()
    assert deed(browser, "pay", session=first.id).json()["result"] == "paid"
    assert deed(browser, "pay", session=second.id, card="000123456789").json()["result"] == "processing"
    assert deed(browser, "expire", session=third.id).json()["result"]["status"] == "expired"
    charge, debit = stand_in.all("charge")
    assert deed(browser, "settle", payment=debit["payment_intent"]).status_code == 200
    refund = deed(browser, "refund", about=charge["id"], amount=500).json()["result"]
    assert deed(browser, "fail-refund", refund=refund["id"]).json()["result"]["status"] == "failed"
    dispute = deed(browser, "dispute", about=charge["payment_intent"], reason="general").json()["result"]
    assert (
        deed(browser, "close-dispute", dispute=dispute["id"], outcome="lost").json()["result"]["status"]
        == "lost"
    )
    before = stand_in.world.now()
    assert deed(browser, "clock", advance=3 * 86_400).json()["result"] > before + 3 * 86_400 - 1
    assert deed(browser, "pay-out").json()["result"][0]["amount"] > 0
    stand_in.deliveries()
    assert deed(browser, "redeliver").json()["result"] > 20
    assert deed(browser, "clock", at="2025-03-01T12:00:00+00:00").json()["result"] == pytest.approx(
        1_740_830_400, abs=5
    )
    assert deed(browser, "reset").json()["ok"]
    assert stand_in.all("charge") == []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("refund", {"about": "ch_no"}),
        ("dispute", {"about": "ch_no"}),
        ("dispute", {"about": "ch_no", "reason": "bored"}),
        ("settle", {"payment": "pi_no"}),
        ("close-dispute", {"dispute": "du_no"}),
        ("expire", {"session": "cs_no"}),
        ("pay", {"session": "cs_no", "card": "1"}),
        ("set", {"colour": "green"}),
        ("set", {"slow": "very"}),
        ("clock", {"advance": "soon"}),
        ("clock", {"at": "tomorrow"}),
    ],
)
def test_a_deed_that_cannot_be_done_says_why(browser: httpx.Client, name: str, given: dict[str, Any]):
    answer = deed(browser, name, **given)
    assert answer.status_code == 409
    assert answer.json()["error"]
    told = browser.post(f"/control/{name}", data=given)
    assert told.headers["location"].startswith("/control?refused=")
    assert 'role="alert"' in browser.get(told.headers["location"]).text


def test_an_unknown_deed_is_not_there(browser: httpx.Client):
    assert deed(browser, "explode").status_code == 404


def test_the_page_shows_the_payments_and_its_buttons_work(
    stand_in: StandIn, browser: httpx.Client, new_session: NewSession
):
    assert "Nobody has paid yet" in browser.get("/control").text
    stand_in.set(balance_delay=0)
    browser.post(path(new_session()), data=FORM)
    page = browser.get("/control").text
    assert "Margaret Okafor" in page
    assert "fee $1.03" in page
    about = re.search(r'name="about" value="(ch_[^"]+)"', page)
    assert about
    answer = browser.post("/control/refund", data={"about": about[1], "amount": "12.50"})
    assert answer.headers["location"] == "/control?done=refund"
    assert stand_in.all("refund")[0]["amount"] == 1250
    assert "partly refunded" in browser.get("/control").text
    for wrong in ("1,000", "12.505", "-1", "1e3"):
        browser.post("/control/refund", data={"about": about[1], "amount": wrong})
    assert len(stand_in.all("refund")) == 1
    browser.post("/control/set", data={"webhook_double": "true", "lose_answer": "1"})
    assert (stand_in.world.settings.webhook_double, stand_in.world.settings.lose_answer) == (True, 1)


def test_names_are_shown_and_never_run(stand_in: StandIn, browser: httpx.Client, new_session: NewSession):
    browser.post(path(new_session()), data=FORM | {"name": "<script>alert(1)</script>"})
    page = browser.get("/control?refused=<b>x</b>").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "<b>x</b>" not in page


@pytest.mark.parametrize("address", ["/control", "/nothing", "/c/pay/x", "/demo.css"])
def test_every_page_has_its_headers(browser: httpx.Client, address: str):
    answer = browser.get(address)
    assert answer.status_code in (200, 404)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_deed_has_its_sentence():
    assert set(SAID) == set(DEEDS)
