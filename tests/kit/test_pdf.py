"""PDF: right letters, nothing fetched, and a child that may die at any moment."""

import asyncio
import hashlib
import io
import os
import re
import signal
import sys

import pypdfium2
import pytest
from PIL import Image

from kit import pdf


@pytest.fixture(autouse=True, scope="module")
async def press():
    yield
    await pdf.stop()


def text_of(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)


@pytest.mark.parametrize(
    "name", ["Łódź", "Θεοδώρα", "Щукин", "Ἀριστοτέλης", "Nguyễn Thị Ánh", "O’Brien", "Şükrü Əliyev"]
)
async def test_a_name_comes_out_as_it_went_in(name):
    assert name in text_of(await pdf.render(f"<p>{name}</p><p><b>{name}</b></p>"))


async def test_a_decomposed_name_is_set_composed():
    assert "Łódź" in text_of(await pdf.render("<p>Łódź</p>"))


@pytest.mark.parametrize("text", ["王小明", "محمد", "😀", "\ue000"])
async def test_a_character_without_a_sign_stops_the_letter(text):
    with pytest.raises(pdf.MissingGlyphs) as caught:
        await pdf.render(f"<p>Margaret {text}</p>")

    assert set(caught.value.characters) == set(text)
    assert f"U+{ord(text[0]):04X}" in str(caught.value)


async def test_joiners_and_direction_marks_need_no_sign():
    assert await pdf.render("<p>a\u200db\u200ec\ufe0f</p>")


async def test_the_same_page_gives_the_same_bytes_in_another_process():
    first = await pdf.render("<p>Łódź</p>")
    await pdf.stop()

    assert await pdf.render("<p>Łódź</p>") == first


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file:///etc/hostname",
        "../config.py",
        "%2e%2e/config.py",
        "http://127.0.0.1:9/x.png",
        "https://example.org/x.png",
        "ftp://127.0.0.1/x",
        "//example.org/x.png",
    ],
)
async def test_nothing_outside_the_fonts_folder_is_read(address):
    with pytest.raises(pdf.RenderFailed, match=r"may not read|disallowed|Failed to load"):
        await pdf.render(f'<img src="{address}">')


async def test_a_link_that_leads_out_of_the_fonts_folder_is_refused(tmp_path, monkeypatch):
    from kit.pdf.child import OurFilesOnly

    (tmp_path / "out.ttf").symlink_to("/etc/hostname")
    monkeypatch.setattr("kit.pdf.child.FONTS", tmp_path)

    with pytest.raises(ValueError, match="may not read"):
        OurFilesOnly(allowed_protocols=["file"]).fetch((tmp_path / "out.ttf").as_uri())


async def test_a_page_that_wants_all_memory_is_refused_and_the_next_one_works():
    with pytest.raises(pdf.RenderFailed):
        await pdf.render("<table><td colspan=999999999>x</table>")

    assert await pdf.render("<p>next</p>")


async def test_a_page_that_takes_too_long_is_ended_and_the_next_one_works():
    await pdf.stop()
    pdf.use(deadline=3)
    try:
        with pytest.raises(pdf.RenderFailed, match="longer than 3 seconds"):
            await pdf.render(
                "<table>" + "<tr>" + "<td>x" * 20 + "<table><tr><td>y</table>" * 40_000 + "</table>"
            )
        assert await pdf.render("<p>next</p>")
    finally:
        await pdf.stop()
        pdf.use()


async def test_a_child_that_is_killed_in_the_middle_gets_a_successor():
    await pdf.render("<p>warm</p>")
    running = asyncio.create_task(pdf.render("<p>" + "Margaret Okafor " * 4_000))
    await asyncio.sleep(0.2)
    for child in children():
        os.kill(child, signal.SIGKILL)

    assert "Margaret" in text_of(await running)


async def test_a_cancelled_render_leaves_no_answer_for_the_next():
    running = asyncio.create_task(pdf.render("<p>" + "first " * 4_000))
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert "first" not in text_of(await pdf.render("<p>second</p>"))


async def test_two_children_work_at_once():
    await pdf.stop()
    pdf.use(children=2)
    try:
        made = await asyncio.gather(*(pdf.render(f"<p>letter {i}</p>") for i in range(8)))
        assert [f"letter {i}" in text_of(one) for i, one in enumerate(made)] == [True] * 8
        assert len(children()) == 2
    finally:
        await pdf.stop()
        pdf.use()


async def test_stop_leaves_no_process_behind():
    await pdf.render("<p>one</p>")
    before = children()
    await pdf.stop()

    assert before
    assert not any(os.path.exists(f"/proc/{child}") for child in before)


async def test_a_child_whose_parent_is_killed_ends_and_tidies_up():
    script = (
        "import asyncio, os\nfrom kit import pdf\n"
        "async def main():\n    await pdf.render('<p>x</p>')\n"
        "    child = next(iter(pdf._current._running))\n"
        "    print(child.process.pid, child._folder.path, flush=True)\n    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=pdf.ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await parent.communicate()
    child, folder = said.decode().split()

    for _ in range(100):
        if not os.path.exists(folder) and not os.path.exists(f"/proc/{child}"):
            break
        await asyncio.sleep(0.1)
    assert not os.path.exists(folder)


async def test_a_child_does_not_know_the_secrets(monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_hidden")
    await pdf.stop()
    await pdf.render("<p>one</p>")

    with open(f"/proc/{children()[0]}/environ", "rb") as environment:
        assert b"sk_live_hidden" not in environment.read()


async def test_a_picture_shows_all_pages_one_below_the_other():
    one, two = [
        Image.open(io.BytesIO(await pdf.picture(await pdf.render(html))))
        for html in ("<p>one</p>", '<p style="break-after: page">one</p><p>two</p>')
    ]

    assert (one.format, two.width) == ("PNG", one.width)
    assert two.height > 2 * one.height


def test_the_fonts_are_those_of_the_readme():
    readme = (pdf.FONTS / "README.md").read_text()
    for file in pdf.FAMILIES.values():
        assert hashlib.sha256((pdf.FONTS / file).read_bytes()).hexdigest() in readme


@pytest.mark.commits  # no transaction around it: it takes longer than one may stay idle
@pytest.mark.reliability
async def test_memory_stays_flat_over_two_thousand_letters(monkeypatch):
    monkeypatch.setattr(pdf, "LIFETIME", 10_000)
    page = "<style>p { color: #17685a }</style>" + "<p>Θεοδώρα Щукин gave <b>$25.00</b> on day {}.</p>" * 4
    sizes = []
    for i in range(2_000):
        await pdf.render(page.replace("{}", str(i)))
        if i in (200, 1_999):
            sizes.append(memory_of(children()[0]))

    assert sizes[1] < sizes[0] + 20_000, f"KiB after 200 and after 2,000 letters: {sizes}"


def children() -> list[int]:
    assert pdf._current is not None
    return [child.process.pid for child in pdf._current._running]


def memory_of(process: int) -> int:
    with open(f"/proc/{process}/status") as status:
        found = re.search(r"VmRSS:\s+(\d+)", status.read())
    assert found
    return int(found[1])
