"""The pictures of docs/guide/volunteers.md, made anew from a demo that runs.

    .venv/bin/python docs/pictures/take_volunteers.py http://localhost:8000 PASSWORD [FOLDER]

Begin with a new demo (`ALMONER_VAR=/tmp/new PORT=8000 bin/serve` prints the password): the pictures show what it was
made with, and one tablet is opened. They replace those in docs/pictures, or go to FOLDER.
"""

import io
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from commands.saying import say  # noqa: E402  found once the root is on the path

DESK, PHONE, TABLET = (1280, 900, 1.0), (390, 844, 1.5), (820, 900, 1.0)
SCALE: Any = 1.05  # of a page of paper; the library takes fractions, its types do not say so
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Album:
    """Takes pictures of one demo and keeps them small."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self.browser, self.address, self.folder = browser, address.rstrip("/"), folder

    def visitor(self, size: tuple[int, int, float] = DESK) -> Page:
        """A window of its own, that knows nobody yet."""
        width, height, scale = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, locale="en-US",
            color_scheme="light", is_mobile=size is PHONE, has_touch=size is not DESK, accept_downloads=True,
        )  # fmt: skip
        page = context.new_page()
        page.goto(self.address)
        return page

    def coordinator(self, password: str) -> Page:
        """Victor, who coordinates three of the four programmes."""
        page = self.visitor()
        page.goto(f"{self.address}/sign-in")
        page.fill("[name=email]", "victor@riverbend.example")
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    def go(self, page: Page, path: str) -> None:
        page.goto(path if "://" in path else self.address + path)
        page.wait_for_load_state("networkidle")

    def take(self, page: Page, name: str, *, height: int | None = None) -> None:
        """What the window shows, or so many pixels from the top of the page."""
        clip = None
        if height and page.viewport_size:
            clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}
        data = page.screenshot(full_page=bool(height), clip=clip)  # pyright: ignore[reportArgumentType]
        self.keep(Image.open(io.BytesIO(data)), name)

    def keep(self, picture: Image.Image, name: str) -> None:
        """As a palette of 128 colours, which a page of text and flat colours does not miss."""
        file = self.folder / f"{name}.png"
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
        say(f"{file.name}: {file.stat().st_size // 1024} kB")


def plan(album: Album, staff: Page) -> None:
    """The month, a series being planned, and the gaps."""
    album.go(staff, "/shifts")
    staff.locator("[data-cal=after]").click()  # in the month to come more is missing
    staff.wait_for_load_state("networkidle")
    album.take(staff, "shifts-month", height=1180)
    album.go(staff, "/programmes")
    staff.get_by_role("link", name="Food pantry").first.click()
    staff.get_by_role("link", name="Sorting and shelving").first.click()
    staff.get_by_role("link", name="Plan shifts").first.click()
    staff.get_by_label("Begins").fill("09:00")
    staff.get_by_label("Ends").first.fill("12:00")
    staff.get_by_label("At least").fill("3")
    staff.get_by_label("At most").fill("8")
    staff.get_by_label("How often").select_option(label=_like(staff, "How often", "week"))
    for day in ("Tuesday", "Thursday"):
        staff.get_by_label(day).check()
    staff.wait_for_load_state("networkidle")
    album.take(staff, "shifts-plan", height=1180)
    album.go(staff, "/coverage")
    album.take(staff, "coverage", height=1080)


def _like(page: Page, label: str, word: str) -> str:
    """The choice that has a word in it."""
    choices = page.get_by_label(label).locator("option").all_inner_texts()
    return next(choice for choice in choices if word in choice.lower())


def full(album: Album, staff: Page) -> None:
    """The popular shift: full, with an offer that is open and people in line."""
    album.go(staff, "/shifts")
    waited_for = staff.locator("td li a", has_text="waiting")
    if not waited_for.count():
        staff.locator("[data-cal=after]").click()
        staff.wait_for_load_state("networkidle")
    waited_for.first.click()
    staff.wait_for_load_state("networkidle")
    album.take(staff, "shift-line", height=1000)


def public(album: Album) -> None:
    """The board and the form of a shift on a phone; a volunteer's own page, by the link of a mail."""
    phone = album.visitor(PHONE)
    album.go(phone, "/volunteer")
    album.take(phone, "volunteer-phone")
    phone.locator("a[href^='/volunteer/shifts/']").first.click()
    phone.wait_for_load_state("networkidle")
    phone.evaluate("document.querySelector('form')?.scrollIntoView({block: 'start'})")
    album.take(phone, "sign-up-phone")
    mailbox = album.visitor(PHONE)
    mail = _mail(mailbox, album, "A place is free")
    album.go(phone, mail)
    album.take(phone, "own-shifts-phone")


def _mail(page: Page, album: Album, subject: str) -> str:
    """The address of a volunteer's own page in the newest mail with this subject."""
    album.go(page, "/volunteer")
    mailbox = page.get_by_role("link", name="Open the mailbox").first.get_attribute("href") or ""
    page.goto(mailbox)
    page.get_by_role("link", name=re.compile(subject)).first.click()
    page.wait_for_load_state("networkidle")
    found = re.search(re.escape(album.address) + r"/volunteer/mine/[\w-]+", page.content())
    if found is None:
        raise SystemExit(f"The mail “{subject}” has no link to a volunteer's page.")
    return found[0]


def door(album: Album, staff: Page) -> None:
    """A tablet for the food pantry."""
    album.go(staff, "/kiosks")
    staff.get_by_label("Name above its list").fill("Mill Street, the blue door")
    staff.get_by_label("Programme").select_option(label="Food pantry")
    staff.get_by_label("PIN").fill("2580")
    staff.get_by_label("For how many days").fill("1")
    staff.get_by_role("button", name="Open it").click()
    staff.wait_for_load_state("networkidle")
    address = staff.locator("code").first.inner_text()
    tablet = album.visitor(TABLET)
    album.go(tablet, address)
    tablet.get_by_label("PIN").fill("2580")
    tablet.keyboard.press("Enter")
    tablet.wait_for_load_state("networkidle")
    album.take(tablet, "kiosk")


def thanks(album: Album, staff: Page) -> None:
    """Hours to approve, a volunteer's page, and the letter for one."""
    album.go(staff, "/hours")
    album.take(staff, "hours")
    album.go(staff, "/volunteers")
    staff.get_by_role("link", name="Pearl Washington").first.click()
    staff.wait_for_load_state("networkidle")
    album.take(staff, "volunteer", height=1000)
    letter = re.sub(r"/edit$|$", "/service-letter.pdf", re.sub(r"[?#].*", "", staff.url), count=1)
    answer = staff.request.get(letter)
    if not answer.ok:
        raise SystemExit(f"{letter} answered {answer.status}")
    with pypdfium2.PdfDocument(answer.body()) as document:
        album.keep(document[0].render(scale=SCALE).to_pil(), "service-letter")


def main(address: str, password: str, folder: Path) -> int:
    """Every picture; a part that fails is named and does not stop the others."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    with sync_playwright() as playwright:
        album = Album(playwright.chromium.launch(executable_path=program, args=_FLAGS), address, folder)
        staff = album.coordinator(password)
        parts: list[tuple[str, Callable[[], None]]] = [
            ("plan", lambda: plan(album, staff)), ("full", lambda: full(album, staff)), ("public", lambda: public(album)),
            ("door", lambda: door(album, staff)), ("thanks", lambda: thanks(album, staff)),
        ]  # fmt: skip
        for name, part in parts:
            try:
                part()
            except Exception as problem:
                failed.append(name)
                say(f"{name}: {str(problem).splitlines()[0]}")
        album.browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3] if len(sys.argv) > 3 else Path(__file__).parent))
    )
