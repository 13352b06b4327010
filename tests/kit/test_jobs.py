"""Jobs: promised with the change, done at least once, held when they keep failing."""

from datetime import timedelta

import pytest

from kit import changes, db, job_list, jobs
from kit.changes import SYSTEM
from kit.errors import NotFound


class Spoilt(Exception):
    """What a job of these tests fails with."""


done: list[object] = []


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of jobs for these tests only."""
    monkeypatch.setattr(jobs, "_registry", dict(jobs._registry))
    done.clear()

    @jobs.job("test note")
    async def note(word: str) -> None:
        done.append(word)

    @jobs.job("test chain")
    async def chain(left: int) -> None:
        done.append(left)
        if left:
            async with db.tx():
                await jobs.enqueue("test chain", {"left": left - 1})

    @jobs.job("test spoilt", attempts=3)
    async def spoilt(mended: bool = False) -> None:
        run = jobs.current()
        assert run is not None
        done.append((run.attempt, run.last))
        raise Spoilt("the egg is bad")


async def enqueue(*args: object, **options: object) -> None:
    async with db.tx():
        await jobs.enqueue(*args, **options)  # type: ignore[arg-type]


async def names() -> list[str]:
    return [x.name for x in await jobs.waiting()]


async def test_a_job_is_promised_with_the_change_and_done_after_it():
    await enqueue("test note", {"word": "a"})
    assert [(x.name, x.args) for x in await jobs.waiting()] == [("test note", {"word": "a"})]

    assert await jobs.drain() == ["test note"]

    assert done == ["a"]
    assert await jobs.waiting() == []


async def test_a_job_of_a_change_that_fails_is_not_promised():
    async def change() -> None:
        async with db.tx():
            await jobs.enqueue("test note", {"word": "a"})
            raise Spoilt

    with pytest.raises(Spoilt):
        await change()
    assert await jobs.waiting() == []


@pytest.mark.commits
async def test_outside_a_transaction_nothing_can_be_promised():
    with pytest.raises(RuntimeError, match="outside tx"):
        await jobs.enqueue("test note", {"word": "a"})


async def test_an_unknown_job_is_refused_where_it_is_asked_for():
    with pytest.raises(LookupError, match="test nothing"):
        await enqueue("test nothing")


async def test_wrong_arguments_are_refused_where_they_are_given():
    with pytest.raises(TypeError):
        await enqueue("test note", {"wrod": "a"})
    assert await jobs.waiting() == []


def test_two_jobs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two jobs named"):
        jobs.job("test note")


async def test_jobs_run_in_the_order_they_are_due_with_those_they_promise():
    await enqueue("test note", {"word": "late"}, after=timedelta(hours=1))
    await enqueue("test chain", {"left": 2})
    await enqueue("test note", {"word": "soon"})

    await jobs.drain()

    assert done == [2, "soon", 1, 0, "late"]


async def test_draining_until_a_moment_leaves_what_is_due_later():
    await enqueue("test note", {"word": "day"}, after=timedelta(days=1))
    await enqueue("test note", {"word": "minute"}, after=timedelta(minutes=1))

    assert await jobs.drain(until=timedelta(hours=1)) == ["test note"]

    assert done == ["minute"]
    [left] = await jobs.waiting()
    assert left.args == {"word": "day"}
    assert left.after == timedelta(days=1)


async def test_draining_only_some_jobs_leaves_the_others():
    await enqueue("test note", {"word": "a"})
    await enqueue("test chain", {"left": 0})
    assert await jobs.drain(only=["test chain"]) == ["test chain"]
    assert await names() == ["test note"]


async def test_of_two_waiting_jobs_with_one_key_there_is_one_and_it_comes_forward():
    await enqueue("test note", {"word": "first"}, dedupe="k", after=timedelta(hours=1))
    await enqueue("test note", {"word": "second"}, dedupe="k")
    await enqueue("test note", {"word": "other"}, dedupe="l")

    waiting = await jobs.waiting()

    assert [x.args["word"] for x in waiting] == ["first", "other"]
    assert waiting[0].after == timedelta(0)


async def test_a_job_that_has_begun_gives_its_key_up_because_it_may_have_looked_already():
    @jobs.job("test again")
    async def again() -> None:
        done.append("again")
        if len(done) == 1:
            await enqueue("test again", dedupe="k")

    await enqueue("test again", dedupe="k")

    assert await jobs.drain() == ["test again", "test again"]


async def test_a_failure_raises_in_a_test_and_says_which_job_it_was():
    await enqueue("test spoilt")
    with pytest.raises(Spoilt) as raised:
        await jobs.drain()
    assert "test spoilt" in raised.value.__notes__[0]


async def test_a_job_that_keeps_failing_is_tried_as_often_as_said_and_held_with_its_error():
    await enqueue("test spoilt")

    assert await jobs.drain(expect_failures=True) == ["test spoilt"] * 3

    assert done == [(1, False), (2, False), (3, True)]
    [held] = await job_list.held()
    assert held["name"] == "test spoilt"
    assert held["error"] == "the egg is bad"
    assert "Spoilt: the egg is bad" in held["traceback"]
    assert await job_list.counts() == {"held": 1, "failing": 0, "running": 0, "waiting": 0, "due": 0}


async def test_a_held_job_can_run_again_from_its_first_try():
    await enqueue("test spoilt")
    await jobs.drain(expect_failures=True)
    [held] = await job_list.held()
    done.clear()

    await jobs.run_again(held["id"], by=SYSTEM)

    assert await names() == ["test spoilt"]
    assert [x["action"] for x in await changes.of("job", held["id"])] == ["job.run_again"]
    await jobs.drain(expect_failures=True)
    assert done[0] == (1, False)


async def test_a_held_job_can_be_given_up():
    await enqueue("test spoilt")
    await jobs.drain(expect_failures=True)
    [held] = await job_list.held()

    await jobs.give_up(held["id"], by=SYSTEM)

    assert await job_list.held() == []
    assert (await job_list.ended())[0]["status"] == "canceled"
    with pytest.raises(NotFound):
        await jobs.give_up(held["id"], by=SYSTEM)


async def test_a_job_that_is_not_held_cannot_run_again():
    await enqueue("test note", {"word": "a"})
    [waiting] = await jobs.waiting()
    with pytest.raises(NotFound):
        await jobs.run_again(waiting.id, by=SYSTEM)


async def test_pauses_grow_and_end_at_ten_minutes():
    kind = jobs.Job("x", enqueue, 100, timedelta(minutes=1))
    await enqueue("test note", {"word": "a"})
    row = await jobs._pick()
    assert row is not None
    pauses = []
    for attempts in (0, 3, 20):
        retry = jobs.verdict(kind, row.model_copy(update={"attempts": attempts}), Spoilt("x"))
        assert retry is not None
        pauses.append(retry.delay.total_seconds())
    assert 4 <= pauses[0] <= 6
    assert 32 <= pauses[1] <= 48
    assert 480 <= pauses[2] <= 720


async def test_a_job_whose_kind_is_gone_is_listed_as_unknown():
    await enqueue("test note", {"word": "a"})
    del jobs._registry["test note"]
    [row] = await job_list.unfinished()
    assert row["known"] is False
    with pytest.raises(LookupError):
        await jobs.drain()


async def test_the_log_is_pruned_after_two_weeks():
    await enqueue("test note", {"word": "a"})
    await jobs.drain()
    await db.rows("UPDATE pgqueuer_log SET created = created - interval '15 days'")
    await jobs.prune()
    assert await db.value("SELECT count(*) FROM pgqueuer_log") == 0
