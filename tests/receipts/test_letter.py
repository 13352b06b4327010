"""The letter: what stands on paper can be read back, whatever the names are."""

import io
from datetime import date

import msgspec
import pypdfium2
import pytest
from PIL import Image

from kit import pdf
from receipts import letter

HEAD = letter.Letterhead(
    name="Riverbend Food Bank, Inc.",
    address=("12 Mill Street", "Portland, OR 97206"),
    contact=("+1 503-555-0100", "gifts@riverbend.example"),
    registration="EIN 93-1234567",
    website="https://riverbend.example",
    signer_name="Ana Ruiz",
    signer_title="Director",
)
PLAIN = letter.Snapshot(
    label="US-2026-000418",
    title="Gift receipt",
    issued_on=date(2026, 11, 12),
    country="US",
    currency="USD",
    head=HEAD,
    addressee=("Margaret Okafor", "18 Alder Lane", "Portland, OR 97206"),
    greeting="Dear Margaret,",
    thanks="Thank you for your gift to Riverbend Food Bank, Inc.",
    amount=15000,
    lines=(letter.Line(on=date(2026, 11, 10), description="Gift: General fund", detail="by card", amount=15000, deductible=15000),),
    sentences=("No goods or services were provided in exchange for this contribution.",),
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
async def press():
    yield
    await pdf.stop()


async def read(snapshot, **options) -> tuple[str, int, tuple[float, float]]:
    """The text, the number of pages and the size of the first page in points."""
    with pypdfium2.PdfDocument(await pdf.render(letter.page(snapshot, **options))) as opened:
        text = " ".join(page.get_textpage().get_text_range() for page in opened)
        return " ".join(text.split()), len(opened), opened[0].get_size()


async def test_everything_of_the_snapshot_stands_on_one_page_of_letter_paper():
    text, pages, size = await read(PLAIN)

    for words in (
        *PLAIN.addressee, *HEAD.address, HEAD.name, "93-1234567", "US-2026-000418", "Gift receipt", "November 12, 2026",
        "received November 10, 2026", "Nov 10, 2026", "$150.00", "by card", *PLAIN.sentences, "Ana Ruiz", "Director",
        "riverbend.example",
    ):  # fmt: skip
        assert words in text
    assert pages == 1
    assert size == (612, 792)


async def test_elsewhere_the_paper_is_a4():
    _text, pages, (width, height) = await read(msgspec.structs.replace(PLAIN, country="DE", locale="de_DE"))

    assert pages == 1
    assert (round(width), round(height)) == (595, 842)


@pytest.mark.parametrize(
    "name", ["Stanisław Łódź", "Θεοδώρα Παπαδοπούλου", "Щукин Ёжиков", "Nguyễn Thị Ánh", "O’Brien <b>&amp;"]
)
async def test_a_name_in_our_scripts_can_be_read_back(name):
    text, _pages, _size = await read(
        msgspec.structs.replace(PLAIN, addressee=(name,), greeting=f"Dear {name},")
    )

    assert text.count(name) == 2


async def test_a_name_in_another_script_stops_the_letter():
    with pytest.raises(pdf.MissingGlyphs) as caught:
        await read(msgspec.structs.replace(PLAIN, addressee=("王小明",)))

    assert set(caught.value.characters) == set("王小明")


async def test_names_of_two_hundred_characters_stay_on_the_paper():
    long = msgspec.structs.replace(
        PLAIN,
        addressee=("W" * 200, "18 Alder Lane " * 10, "Portland, OR 97206"),
        greeting="Dear " + "W" * 200 + ",",
        head=msgspec.structs.replace(HEAD, name="M" * 200, signer_name="S" * 200),
        lines=(msgspec.structs.replace(PLAIN.lines[0], description="D" * 500),),
    )
    document = await pdf.render(letter.page(long))
    with pypdfium2.PdfDocument(document) as opened:
        for page in opened:
            width, _height = page.get_size()
            words = page.get_textpage()
            assert all(box[2] <= width for box in (words.get_rect(i) for i in range(words.count_rects())))
        assert len(opened) <= 2


THIRTY = tuple(
    letter.Share(of=f"Fund {n} for what is needed most where the river bends", amount=500) for n in range(30)
)


async def test_a_gift_for_thirty_funds_names_each_with_its_part_and_fills_two_pages():
    line = msgspec.structs.replace(PLAIN.lines[0], description="Gift: 30 funds", shares=THIRTY)
    snapshot = msgspec.structs.replace(PLAIN, lines=(line,))
    text, pages, _size = await read(snapshot)

    assert text.count("$5.00") == 30
    assert all(f"Fund {n} for" in text for n in range(30))
    assert pages == 2
    with pypdfium2.PdfDocument(await pdf.render(letter.page(snapshot))) as opened:
        first = opened[0].get_textpage().get_text_range()
    assert first.count("$5.00") >= 8  # the first page is not left empty


async def test_a_long_description_goes_on_where_the_page_ends():
    line = msgspec.structs.replace(
        PLAIN.lines[0], description="A box of books with all sorts of titles. " * 150
    )
    with pypdfium2.PdfDocument(
        await pdf.render(letter.page(msgspec.structs.replace(PLAIN, lines=(line,))))
    ) as opened:
        assert "box of books" in opened[0].get_textpage().get_text_range()
        assert len(opened) == 3


async def test_the_pdf_names_its_language_its_title_and_what_its_pictures_are():
    document = await pdf.render(letter.page(PLAIN))

    with pypdfium2.PdfDocument(document) as opened:
        assert opened.get_metadata_value("Title") == "Gift receipt US-2026-000418"
        assert opened.get_metadata_value("Author") == "Riverbend Food Bank, Inc."
        assert opened.is_tagged()
    assert 'lang="en-US"' in letter.page(PLAIN)
    assert 'href="https://riverbend.example"' in letter.page(PLAIN)
    assert 'alt=""' not in letter.page(PLAIN, logo=b"x")


async def test_the_address_stands_where_the_window_of_an_envelope_is():
    """#10: on paper folded in three the window shows from about 2.05 to 3.15 inches, from 0.9 inches on the left."""
    with pypdfium2.PdfDocument(await pdf.render(letter.page(PLAIN))) as opened:
        words = opened[0].get_textpage()
        found = words.search("Margaret Okafor").get_next()
        left, bottom, _right, top = words.get_rect(0) if found is None else words.get_charbox(found[0])

    assert 2.05 < (792 - top) / 72 < 2.4
    assert (792 - bottom) / 72 + 4 * 14.2 / 72 < 3.2
    assert 0.95 < left / 72 < 1.1


async def test_goods_are_described_without_any_amount():
    goods = msgspec.structs.replace(
        PLAIN, amount=None, lines=(letter.Line(on=date(2026, 11, 10), description="40 winter coats"),)
    )
    text, _pages, _size = await read(goods)

    assert "40 winter coats" in text
    assert "$" not in text
    assert "Amount" not in text


async def test_a_part_payment_shows_its_three_amounts():
    line = msgspec.structs.replace(PLAIN.lines[0], benefit=9000, deductible=6000)
    text, _pages, _size = await read(msgspec.structs.replace(PLAIN, lines=(line,)))

    assert "Value you received" in text
    assert "$150.00 $90.00 $60.00" in text


async def test_the_logo_is_printed_and_the_website_is_in_the_code():
    picture = io.BytesIO()
    Image.new("RGB", (400, 100), "#17685a").save(picture, "JPEG")
    with_logo = letter.page(PLAIN, logo=picture.getvalue(), logo_type="image/jpeg")

    assert with_logo.count("data:image/") == 2
    assert await pdf.render(with_logo)
    assert "data:image/png" not in letter.page(
        msgspec.structs.replace(PLAIN, head=msgspec.structs.replace(HEAD, website=""))
    )


async def test_a_void_copy_says_so():
    text, _pages, _size = await read(PLAIN, stamp="Void")

    assert "VOID" in text.upper()


def test_a_snapshot_survives_being_stored():
    assert letter.from_json(letter.to_json(PLAIN)) == PLAIN
