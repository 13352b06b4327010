"""The demo's volunteering keeps every promise (looked at after each test), and floods nobody with mail."""

from demo import nonprofit, volunteering
from kit import days, db
from kit.changes import Actor


async def test_the_demo_has_a_year_of_volunteering_and_a_handful_of_letters_to_come():
    await nonprofit._organisation()
    await nonprofit._staff("a password of the demo")
    await volunteering.make(await nonprofit._people(), by=Actor("staff", None, "Ana Ruiz"))

    found = await db.row(
        """
        SELECT (SELECT count(*) FROM programmes) AS programmes, (SELECT count(*) FROM opportunities) AS roles,
               (SELECT count(*) FROM places WHERE map_link <> '') AS places,
               (SELECT count(*) FROM volunteers WHERE status = 'active') AS volunteers,
               (SELECT max(starts_at) FROM shifts) AS last, (SELECT min(day) FROM hours) AS first,
               (SELECT count(*) FROM shifts WHERE starts_at > $1 AND taken < minimum) AS gaps,
               (SELECT count(*) FROM signups WHERE status = 'offered') AS offered,
               (SELECT count(*) FROM signups WHERE status = 'waiting') AS waiting,
               (SELECT count(*) FROM signups WHERE status = 'pending') AS pending,
               (SELECT count(*) FROM signups WHERE size > 1 AND status = 'confirmed' AND attendance = 'unknown') AS groups,
               (SELECT count(*) FROM hours WHERE status = 'proposed') AS proposed,
               (SELECT count(*) FROM milestones) AS milestones,
               (SELECT count(*) FROM qualifications_held WHERE until_day BETWEEN $1::date AND $1::date + 30) AS ending,
               (SELECT count(*) FROM pgqueuer) AS letters
        """,
        days.now(),
    )  # fmt: skip

    assert found is not None
    assert (found["programmes"], found["roles"], found["places"]) == (4, 7, 3)
    assert found["volunteers"] >= 38
    assert 35 <= (found["last"] - days.now()).days <= 43
    assert 350 <= (days.now().date() - found["first"]).days <= 372
    assert found["gaps"] >= 10
    assert (found["offered"], found["waiting"]) == (1, 2)
    assert found["pending"] >= 1
    assert found["groups"] >= 1
    assert found["proposed"] >= 5
    assert found["milestones"] > 50
    assert found["ending"] >= 2
    assert 5 <= found["letters"] <= 12
