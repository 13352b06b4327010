"""What volunteers lets wait: letters, reminders, offers that end, series that grow, doors that nobody closed."""

from kit import facts, jobs
from volunteers import attendance, endings, letters, links, milestones, reminders, series, waiting


@facts.on("signup.made")
async def tell_of_sign_up(signup_id: int) -> None:
    await letters.of_signup(signup_id)


@facts.on("signup.confirmed")
async def tell_of_place(signup_id: int) -> None:
    await letters.of_signup(signup_id)


@facts.on("signup.offered")
async def tell_of_offer(signup_id: int) -> None:
    await letters.of_signup(signup_id)


@facts.on("signup.refused")
async def tell_why_not(request_id: int) -> None:
    await letters.refused(request_id)


@facts.on("volunteer.asked")
async def send_ask(ask_id: int) -> None:
    await letters.ask(ask_id)


@facts.on("volunteer.asked_too_late")
async def tell_others_were_faster(ask_id: int) -> None:
    await letters.others_were_faster(ask_id)


@jobs.job("send volunteer links")
async def send_links(email: str) -> None:
    await letters.of_lost_link(email)


@facts.on("hours.approved")
async def thank_for_a_milestone(hours_id: int) -> None:
    await milestones.look(hours_id)


@facts.on("signup.ended")
async def tell_of_end(signup_id: int) -> None:
    await letters.of_signup(signup_id)


@facts.on("shift.changed")
async def tell_of_move(shift_id: int) -> None:
    await letters.of_moved_shift(shift_id)


@jobs.every("offer places that are free", "* * * * *")
async def fill_waiting_lists() -> None:
    await waiting.fill_due()


@jobs.every("remind of shifts", "*/5 * * * *")
async def remind() -> None:
    await reminders.send_due()


@jobs.every("close doors that were forgotten", "17 * * * *")
async def close_forgotten() -> None:
    await attendance.close_forgotten()


@jobs.every("lengthen series of shifts", "23 3 * * *")
async def lengthen() -> None:
    await series.lengthen()
    await links.forget_old()


@jobs.every("tell of qualifications that end", "40 6 * * *")
async def tell_of_endings() -> None:
    await endings.tell()
