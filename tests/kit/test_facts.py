"""Facts: what a lower room says, upper rooms hear, each in a job of its own."""

import pytest

from kit import db, facts, jobs

heard: list[tuple[str, tuple[object, ...]]] = []


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts and listeners for these tests only."""
    monkeypatch.setattr(jobs, "_registry", dict(jobs._registry))
    monkeypatch.setattr(facts, "_declared", {"test.happened"})
    monkeypatch.setattr(facts, "_heard", {})
    monkeypatch.setattr(facts, "_verified", False)
    monkeypatch.setattr(facts, "_said_in_our_sources", list)
    heard.clear()


def listen(name: str) -> None:
    @facts.on(name)
    async def first(number: int) -> None:
        heard.append(("first", (number,)))

    @facts.on(name)
    async def second(number: int) -> None:
        heard.append(("second", (number,)))


async def test_each_listener_of_a_fact_is_a_job_that_hears_what_was_said():
    listen("test.happened")
    facts.verify()
    async with db.tx():
        await facts.say("test.happened", 7)

    package = __name__.split(".")[0]
    assert [x.name for x in await jobs.waiting()] == [
        f"test.happened→{package}.{x}" for x in ("first", "second")
    ]
    await jobs.drain()

    assert heard == [("first", (7,)), ("second", (7,))]


async def test_a_fact_of_a_change_that_fails_was_never_said():
    listen("test.happened")
    facts.verify()

    async def change() -> None:
        async with db.tx():
            await facts.say("test.happened", 7)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change()
    assert await jobs.waiting() == []


async def test_a_fact_without_listeners_is_said_to_nobody():
    facts.verify()
    async with db.tx():
        await facts.say("test.happened", 7)
    assert await jobs.waiting() == []


def test_hearing_what_nobody_declared_stops_the_start():
    listen("test.hapened")
    with pytest.raises(facts.Undeclared, match=r"test\.hapened"):
        facts.verify()


def test_saying_what_nobody_declared_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts, "_said_in_our_sources", lambda: [("donations.gifts", "gift.setled")])
    with pytest.raises(facts.Undeclared, match=r"donations\.gifts says the fact 'gift\.setled'"):
        facts.verify()


async def test_saying_what_nobody_declared_fails_at_once():
    facts.verify()
    with pytest.raises(facts.Undeclared):
        async with db.tx():
            await facts.say("test.hapened", 1)


async def test_nothing_is_said_before_the_listeners_were_looked_at():
    listen("test.happened")
    with pytest.raises(RuntimeError, match="verify"):
        async with db.tx():
            await facts.say("test.happened", 1)
