"""One click in a mail program ends mails that ask for help (RFC 2369, RFC 8058)."""

from email.message import EmailMessage
from typing import Any

from kit import config, days, db, jobs, mail, smtp
from kit.changes import Actor
from tests.volunteers import make
from tests.volunteers.test_asks import volunteer
from volunteers import asks, letters, own

CORA = Actor("staff", 1, "Cora")


def message_of(written: dict[str, Any], unsubscribe: str) -> EmailMessage:
    return smtp.compose(
        smtp.Letter(
            address=written["address"], name="", sender_address="us@example.org", sender="", reply_to="",
            message_id=written["message_id"], subject=written["subject"], text=written["body_text"], html=None,
            attachments=(), date=days.now(), unsubscribe=unsubscribe,
        )
    )  # fmt: skip


async def test_a_mail_that_asks_can_be_ended_with_one_click_and_no_session(browser):
    shift = await make.shift(maximum=2)
    ada = await volunteer("Ada Ames")
    await asks.ask(shift.id, [ada], by=CORA)
    await letters.ask(await db.value("SELECT id FROM asks"))
    [told] = await jobs.promised("send mail")
    message = message_of(await mail.read(told["mail_id"]), told["unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = str(message["List-Unsubscribe"]).strip("<>").removeprefix(config.settings().base_url)
    token = path.split("/")[-2]

    looked = await browser.get(path)
    assert looked.status_code == 303 and looked.headers["location"].endswith(f"/volunteer/asks/{token}")
    assert await own.may_be_asked(ada)
    await browser.submit(f"/volunteer/asks/{token}", answer="yes")
    clicked = await browser.post(
        path, data={"List-Unsubscribe": "One-Click"}, headers={"sec-fetch-site": "", "origin": ""}
    )

    assert clicked.status_code == 200 and clicked.text == ""
    assert not await own.may_be_asked(ada)
    assert await db.value("SELECT status FROM asks") == "yes"  # the place that was taken stays theirs
    nobody = await browser.post(path.replace(token, "never-was-one"), headers={"sec-fetch-site": ""})
    assert nobody.status_code == 404
