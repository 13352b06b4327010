"""Members on screen: inviting, changing a role, disabling."""

import pytest

from kit import changes, db, jobs
from staff import sessions
from tests import make


async def signed_in(browser):
    member = await browser.sign_in()
    await db.row("UPDATE members SET password_hash = 'x' WHERE id = $1", member.id)
    return member


async def members() -> int:
    return await db.value("SELECT count(*) FROM members")


async def test_a_member_is_invited_by_mail(browser):
    await signed_in(browser)
    answer = await browser.submit("/staff", name="Zoë Quill", email="zoe@riverbend.example", role="finance")

    assert answer.status_code == 303
    listed = (await browser.get("/staff")).text
    assert "Zoë Quill" in listed and "zoe@riverbend.example" in listed
    [mail] = await db.rows("SELECT address, purpose FROM mails")
    assert mail == {"address": "zoe@riverbend.example", "purpose": "invitation"}
    assert len(await jobs.waiting()) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"name": ""}, "Say who this is"), ({"email": ""}, "type the address"), ({"email": "zoe@gmial"}, "e-mail address"), ({"role": ""}, "Choose what"),
     ({"role": "king"}, "Choose one from the list"), ({"email": "MEMBER@riverbend.example"}, "a member already"), ({"name": "x" * 201}, "At most 200")],
)  # fmt: skip
async def test_an_invitation_that_cannot_be_says_why_and_changes_nothing(browser, fields, said):
    await signed_in(browser)
    await make.member(email="member@riverbend.example", email_normal="member@riverbend.example")
    count = await members()
    typed = {"name": "Zoë", "email": "zoe@riverbend.example", "role": "finance", **fields}

    answer = await browser.submit("/staff", **typed)

    assert answer.status_code == 422 and said in answer.text and f'value="{typed["email"]}"' in answer.text
    assert await members() == count and await db.value("SELECT count(*) FROM mails") == 0


async def test_a_role_is_changed_and_the_second_editor_sees_both(browser):
    await signed_in(browser)
    other = await make.member(role="gift_entry")
    path = f"/staff/{other.id}"
    assert other.name in (await browser.get(f"{path}/edit")).text

    first = await browser.submit(path, name="New Name", role="auditor", version=1)
    second = await browser.submit(path, name="Other Name", role="finance", version=1)

    assert first.status_code == 303 and second.status_code == 409
    for words in ("New Name", "Other Name", "Auditor", "Finance"):
        assert f">{words}</td>" in second.text
    assert 'name="version" value="2"' in second.text
    row = await db.row("SELECT name, role FROM members WHERE id = $1", other.id)
    assert row == {"name": "New Name", "role": "auditor"}
    assert [change["action"] for change in await changes.of("member", other.id)] == ["member.edited"]


async def test_a_disabled_member_is_out_at_once_and_may_come_back(browser):
    await signed_in(browser)
    other = await make.member(role="finance")
    token = await sessions.start(other.id, address="", agent="")

    assert (await browser.submit(f"/staff/{other.id}/disabling")).status_code == 303
    assert await sessions.find(token) is None
    assert (await browser.submit(f"/staff/{other.id}/enabling")).status_code == 303
    assert await db.value("SELECT disabled_at FROM members WHERE id = $1", other.id) is None


async def test_the_last_administrator_stays(browser):
    member = await signed_in(browser)

    disabled = await browser.submit(f"/staff/{member.id}/disabling")
    demoted = await browser.submit(f"/staff/{member.id}", name="Me", role="auditor", version=1)

    assert disabled.status_code == demoted.status_code == 422
    assert "only administrator" in disabled.text and "only administrator" in demoted.text
    row = await db.row("SELECT role, disabled_at FROM members WHERE id = $1", member.id)
    assert row == {"role": "administrator", "disabled_at": None}


async def test_another_link_is_mailed_only_to_who_has_no_password(browser):
    member = await signed_in(browser)
    other = await make.member(role="finance")

    assert (await browser.submit(f"/staff/{other.id}/invitations")).status_code == 303
    assert (await browser.submit(f"/staff/{member.id}/invitations")).status_code == 409
    assert await db.value("SELECT count(*) FROM mails") == 1


async def test_the_roles_are_shown_as_they_are(browser):
    await signed_in(browser)
    page = (await browser.get("/staff/roles")).text

    assert "gifts.refund" in page or "refund" in page.lower()


@pytest.mark.parametrize("role", ["fundraiser", "gift_entry", "finance", "volunteer_coordinator", "auditor"])
async def test_only_administrators_manage_members(browser, role):
    me = await browser.sign_in(role=role)
    for path in ("/staff", "/staff/new", "/staff/roles", f"/staff/{me.id}/edit"):
        assert (await browser.get(path)).status_code == 403, path
    for path in (
        "/staff",
        f"/staff/{me.id}",
        f"/staff/{me.id}/disabling",
        f"/staff/{me.id}/enabling",
        f"/staff/{me.id}/invitations",
    ):
        answer = await browser.submit(path, name="Me", role="administrator", version=1, email="x@example.org")
        assert answer.status_code == 403, path
    assert await db.value("SELECT role FROM members WHERE id = $1", me.id) == role


async def test_nobody_of_that_number_is_not_found(browser):
    await signed_in(browser)
    assert (await browser.get("/staff/999/edit")).status_code == 404
    for deed in ("", "/disabling", "/enabling", "/invitations"):
        assert (
            await browser.submit(f"/staff/999{deed}", name="x", role="finance", version=1)
        ).status_code == 404


async def test_deeds_are_posted(browser):
    me = await signed_in(browser)
    for deed in ("disabling", "enabling", "invitations"):
        assert (await browser.get(f"/staff/{me.id}/{deed}")).status_code == 405
    assert (await browser.delete(f"/staff/{me.id}")).status_code == 405
