"""The administrator's pages of jobs and letters."""

import msgspec
import pytest

from kit import changes, config, days, db, job_list, jobs, mail
from tests import make


class Spoilt(Exception):
    """What a job of these tests fails with."""


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_registry", dict(jobs._registry))

    @jobs.job("test spoilt", attempts=2)
    async def spoilt(gift_id: int, secrets: dict[str, str] | None = None) -> None:
        raise Spoilt("the <egg> is bad")


async def held_job() -> int:
    async with db.tx():
        await jobs.enqueue("test spoilt", {"gift_id": 12, "secrets": {"link": "hush"}})
    await jobs.drain(expect_failures=True)
    return (await job_list.held())[0]["id"]


async def letter(status: str = "queued", **values: object) -> int:
    made = await make.insert(
        "mails",
        **{
            "what": "gift:1", "address": "rosa@example.org", "purpose": f"thanks {status}", "message_id": mail.new_message_id(),
            "subject": "Thank you, <Rosa>", "body_text": "Dear Rosa,\n\nthank you.\n", "status": status, "attachments": "[]",
            "attempts": 1, "created_at": days.now(),
            "name": "", "sender": "", "reply_to": "", **values,
        },
    )  # fmt: skip
    return made.id


# Jobs


async def test_stopped_jobs_stand_first_with_error_and_deeds(browser):
    number = await held_job()
    await browser.sign_in()

    answer = await browser.get("/jobs")

    assert answer.status_code == 200
    assert "the &lt;egg&gt; is bad" in answer.text
    assert f'action="/jobs/{number}/runs"' in answer.text
    assert f'action="/jobs/{number}/dismissals"' in (await browser.get(f"/jobs/{number}")).text


async def test_without_jobs_the_page_says_so(browser):
    await browser.sign_in()
    answer = await browser.get("/jobs")
    assert "Nothing has stopped." in answer.text
    assert "Nothing runs and nothing waits." in answer.text


async def test_jobs_that_will_be_tried_again_show_when(browser):
    async with db.tx():
        await jobs.enqueue("test spoilt", {"gift_id": 12})
    with pytest.raises(Spoilt):
        await jobs.drain()
    await browser.sign_in()
    answer = await browser.get("/jobs")
    assert "Next try" in answer.text
    assert "the &lt;egg&gt; is bad" in answer.text


async def test_htmx_gets_the_list_alone(browser):
    await browser.sign_in()
    answer = await browser.part("/jobs")
    assert answer.text.strip().startswith('<div id="job-list"')
    assert "<html" not in answer.text


async def test_a_job_shows_its_arguments_and_trace_but_no_secret(browser):
    number = await held_job()
    await browser.sign_in()
    answer = await browser.get(f"/jobs/{number}")
    assert "gift_id" in answer.text
    assert "Spoilt" in answer.text
    assert "hush" not in answer.text


async def test_a_stopped_job_runs_again_and_it_is_noted_who_said_so(browser):
    number = await held_job()
    member = await browser.sign_in()

    answer = await browser.submit(f"/jobs/{number}/runs")

    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")
    assert [x.id for x in await jobs.waiting()] == [number]
    [noted] = await changes.of("job", number)
    assert (noted["action"], noted["actor_id"]) == ("job.run_again", member.id)


async def test_a_stopped_job_is_given_up_and_it_is_noted(browser):
    number = await held_job()
    await browser.sign_in()

    answer = await browser.submit(f"/jobs/{number}/dismissals")

    assert answer.status_code == 303
    assert await job_list.held() == []
    assert await jobs.waiting() == []
    assert [x["action"] for x in await changes.of("job", number)] == ["job.given_up"]


@pytest.mark.parametrize("path", ["/jobs/999999999", "/mails/999999999"])
async def test_what_is_not_there_is_not_found(browser, path: str):
    await browser.sign_in()
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/jobs/999999999/runs", "/jobs/999999999/dismissals", "/mails/999999999/sendings"]
)
async def test_nothing_is_done_to_what_is_not_there(browser, path: str):
    await browser.sign_in()
    assert (await browser.submit(path)).status_code == 404


async def test_a_job_that_only_waits_cannot_be_run_or_given_up(browser):
    async with db.tx():
        await jobs.enqueue("test spoilt", {"gift_id": 12})
    [waiting] = await jobs.waiting()
    await browser.sign_in()
    assert (await browser.submit(f"/jobs/{waiting.id}/dismissals")).status_code == 404
    assert [x.id for x in await jobs.waiting()] == [waiting.id]


@pytest.mark.parametrize("role", ["fundraiser", "gift_entry", "finance", "volunteer_coordinator", "auditor"])
async def test_only_administrators_see_jobs_and_letters(browser, role: str):
    number, sent = await held_job(), await letter("unsure")
    await browser.sign_in(role=role)
    for path in ("/jobs", f"/jobs/{number}", "/mails", f"/mails/{sent}"):
        assert (await browser.get(path)).status_code == 403
    for path in (f"/jobs/{number}/runs", f"/jobs/{number}/dismissals", f"/mails/{sent}/sendings"):
        assert (await browser.submit(path)).status_code == 403
    assert len(await job_list.held()) == 1
    assert (await mail.read(sent))["status"] == "unsure"


@pytest.mark.parametrize("path", ["/jobs/1/runs", "/jobs/1/dismissals", "/mails/1/sendings"])
async def test_reading_an_address_that_only_acts_is_refused(browser, path: str):
    await browser.sign_in()
    assert (await browser.get(path)).status_code == 405


# Letters


async def test_the_outbox_shows_letters_and_how_far_they_went(browser):
    await letter("sent")
    await letter("refused", error="550 no such person")
    await browser.sign_in()

    answer = await browser.get("/mails")

    assert "Thank you, &lt;Rosa&gt;" in answer.text
    assert "550 no such person" in answer.text


async def test_the_outbox_can_be_narrowed_to_one_state(browser):
    await letter("sent", subject="Went")
    await letter("unsure", subject="Perhaps")
    await browser.sign_in()
    answer = await browser.get("/mails", params={"status": "unsure"})
    assert "Perhaps" in answer.text
    assert "Went" not in answer.text
    assert "Nobody can say whether 1 letter arrived" in answer.text


async def test_older_letters_are_on_the_next_page(browser):
    for number in range(51):
        await letter("sent", purpose=f"p{number}", subject=f"Letter no. {number:02}")
    await browser.sign_in()
    first = await browser.get("/mails")
    assert "Letter no. 50" in first.text
    assert "Letter no. 00" not in first.text
    oldest = (await mail.outbox(limit=50))[-1]["id"]
    assert f"/mails?before={oldest}" in first.text
    second = await browser.get("/mails", params={"before": oldest})
    assert "Letter no. 00" in second.text
    assert "Letter no. 50" not in second.text


async def test_htmx_gets_the_outbox_alone(browser):
    await browser.sign_in()
    answer = await browser.part("/mails")
    assert answer.text.strip().startswith('<div id="mail-list"')
    assert "<html" not in answer.text


async def test_without_a_mail_server_the_outbox_says_so(browser):
    await letter()
    await browser.sign_in()
    assert "No mail server is configured" in (await browser.get("/mails")).text

    before = config.settings()
    config.use(msgspec.structs.replace(before, smtp_url="smtp://localhost:1"))
    try:
        assert "No mail server is configured" not in (await browser.get("/mails")).text
    finally:
        config.use(before)


async def test_an_unsure_letter_says_so_and_is_sent_again_on_purpose(browser):
    number = await letter("unsure", error="Nobody knows.")
    await browser.sign_in()
    shown = await browser.get(f"/mails/{number}")
    assert "Nobody knows." in shown.text
    assert f'action="/mails/{number}/sendings"' in shown.text

    answer = await browser.submit(f"/mails/{number}/sendings")

    assert answer.status_code == 303
    assert (await mail.read(number))["status"] == "queued"
    assert [x.args["mail_id"] for x in await jobs.waiting()] == [number]
    assert [x["action"] for x in await changes.of("mail", number)] == ["mail.sent_again"]


async def test_a_letter_that_was_sent_has_no_such_button_and_refuses(browser):
    number = await letter("sent")
    await browser.sign_in()
    assert "sendings" not in (await browser.get(f"/mails/{number}")).text

    answer = await browser.submit(f"/mails/{number}/sendings")

    assert answer.status_code == 409
    assert "cannot be sent again" in answer.text
    assert await jobs.waiting() == []


async def test_a_letter_with_a_secret_shows_none_and_cannot_be_sent_again(browser):
    number = await letter("failed", body_text="Go to https://x/⟦link_url⟧", error="No mail server.")
    await browser.sign_in()
    shown = await browser.get(f"/mails/{number}")
    assert "only its addressee may know" in shown.text
    assert "sendings" not in shown.text
    assert (await browser.submit(f"/mails/{number}/sendings")).status_code == 409


async def test_a_page_number_that_is_none_is_refused(browser):
    await browser.sign_in()
    assert (await browser.get("/mails?before=x")).status_code == 400
    assert (await browser.get(f"/mails?before={10**30}")).status_code == 400
