"""Files as people have them: read right, or refused with the place named."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kit import folders
from kit.folders import Unreadable
from kit.sheets import Sheet


def sheet(tmp_path: Path, data: bytes, name: str = "Contact.csv") -> Sheet:
    (tmp_path / name).write_bytes(data)
    with folders.folder(tmp_path) as files:
        return Sheet(next(file for file in files if file.path == name))


def cells(read: Sheet) -> list[list[str]]:
    return [row for _, row in read.rows()]


NAMES = "Id,Name\r\n1,Zoë Łuczak\r\n2,Jean-Noël Świnna\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_any_dress(tmp_path, encoding):
    data = NAMES.encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    read = sheet(tmp_path, data)
    assert read.columns == ["Id", "Name"]
    assert cells(read) == [["1", "Zoë Łuczak"], ["2", "Jean-Noël Świnna"]]
    assert read.remarks == []


def test_windows_1252_is_read_and_said(tmp_path):
    read = sheet(tmp_path, "Id,Name\n1,José Peña\n2,Œuvre “Søren” – 5 €\n".encode("cp1252"))
    assert cells(read) == [["1", "José Peña"], ["2", "Œuvre “Søren” – 5 €"]]
    assert "José" in read.remarks[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Id,Name\n1,Kiełczów\n", "cp1250"),
        ("Id,Name\n1,Иван Петров\n", "cp1251"),
        ("Id,Name\n1,Γιώργος\n", "cp1253"),
        ("Id,Name\n1,José Nuñez\n", "mac_roman"),
        ("Id,Name\n1,東京\n", "shift_jis"),
    ],
)
def test_other_old_encodings_are_refused_not_garbled(tmp_path, text, encoding):
    with pytest.raises(Unreadable) as refused:
        sheet(tmp_path, text.encode(encoding))
    assert refused.value.row == 2


def test_a_mix_of_utf8_and_something_else_is_refused(tmp_path):
    with pytest.raises(Unreadable) as refused:
        sheet(tmp_path, "Id,Name\n1,José\n".encode() + "2,José\n".encode("cp1252"))
    assert refused.value.row == 2


def test_utf16_that_breaks_off_is_refused(tmp_path):
    with pytest.raises(Unreadable):
        sheet(tmp_path, NAMES.encode("utf-16")[:-1])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_line_ends_and_separators(tmp_path, end, sign):
    lines = [["Id", "Name", "Note"], ["1", "Ada", "a"], ["2", "Bo", "b"]]
    read = sheet(tmp_path, end.join(sign.join(line) for line in lines).encode())
    assert cells(read) == lines[1:]


def test_quotes_hold_line_breaks_separators_and_quotes(tmp_path):
    read = sheet(tmp_path, b'Id,Note\r\n1,"one\r\ntwo, ""three"""\r\n\r\n2,5" pipe\r\n')
    assert list(read.rows()) == [(2, ["1", 'one\r\ntwo, "three"']), (4, ["2", '5" pipe'])]


@pytest.mark.parametrize(
    "data",
    [
        b'Id,Note\n1,a\n2,"never closed\n3,c\n4,d\n',
        b'Id,Note\n1,a\n2,"never closed\n3,"c"\n',
        b'Id,Note\n1,a\n2,"b"b\n',
    ],
)
def test_a_broken_quote_is_named_by_the_row_it_opens_in(tmp_path, data):
    read = sheet(tmp_path, data)
    with pytest.raises(Unreadable) as refused:
        cells(read)
    assert refused.value.row == 3
    assert "Contact.csv, row 3" in str(refused.value)


def test_a_row_with_other_cells_than_the_header_is_named(tmp_path):
    for data in (b"A,B\n1,2\n1,2,3\n", b"A,B,C\n1,2,3\n1,2\n"):
        read = sheet(tmp_path, data)
        with pytest.raises(Unreadable) as refused:
            cells(read)
        assert refused.value.row == 3


def test_empty_cells_beyond_the_header_do_no_harm(tmp_path):
    assert cells(sheet(tmp_path, b"A,B,,\n1,2,,\n,,,\n3,4,,\n")) == [["1", "2"], ["3", "4"]]


def test_nul_is_left_out_and_said(tmp_path):
    read = sheet(tmp_path, b"Id,Name\n1,A\0da\n")
    assert cells(read) == [["1", "Ada"]]
    assert read.remarks == ["NUL characters were left out."]


def test_a_cell_of_a_megabyte(tmp_path):
    big = "x" * 2**20
    assert cells(sheet(tmp_path, f'Id,Note\n1,"{big}"\n'.encode())) == [["1", big]]


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"PK\x03\x04rest", "spreadsheet"), (b"\xd0\xcf\x11\xe0rest", "Excel"), (b"%PDF-1.7", "PDF")],
)
def test_a_wrong_extension_is_seen_through(tmp_path, start, what):
    with pytest.raises(Unreadable, match=what):
        sheet(tmp_path, start)


def test_an_empty_file(tmp_path):
    with pytest.raises(Unreadable, match="not even a header"):
        sheet(tmp_path, b"\r\n")


def test_a_zip_a_nested_folder_and_a_zip_in_a_folder(tmp_path):
    inner = tmp_path / "out" / "2026" / "export"
    inner.mkdir(parents=True)
    (inner / "Contact.csv").write_text("Id\n1\n")
    (inner / ".hidden.csv").write_text("Id\n1\n")
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner / "Contact.csv", "deep/down/Contact.csv")
        archive.writestr("__MACOSX/._Contact.csv", b"\0\0")
    for place in (tmp_path / "out", packed):
        with folders.folder(place) as files:
            assert [Sheet(file).name for file in files] == ["Contact.csv"]
            assert cells(Sheet(files[0])) == [["1"]]
    alone = tmp_path / "alone"
    alone.mkdir()
    packed.rename(alone / "export.zip")
    with folders.folder(alone) as files:
        assert [file.path for file in files] == ["deep/down/Contact.csv"]


def test_a_place_that_is_not_there(tmp_path):
    with pytest.raises(Unreadable, match="no such folder"), folders.folder(tmp_path / "nowhere"):
        pass
    (tmp_path / "one.csv").write_text("Id\n")
    with pytest.raises(Unreadable, match="single file"), folders.folder(tmp_path / "one.csv"):
        pass


def test_a_zip_bomb_is_not_opened(tmp_path):
    packed = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("Contact.csv", "w") as file,
    ):
        for _ in range(64):
            file.write(b"0" * 2**20)
    with pytest.raises(Unreadable, match="far more"), folders.folder(packed):
        pass


def test_a_zip_that_lies_about_its_size_stops_when_it_swells(tmp_path):
    packed = tmp_path / "liar.zip"
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("Contact.csv", "w") as file,
    ):
        for _ in range(64):
            file.write(b"0" * 2**20)
    data = packed.read_bytes().replace((64 * 2**20).to_bytes(4, "little"), (2**20).to_bytes(4, "little"))
    packed.write_bytes(data)
    with pytest.raises(Unreadable), folders.folder(packed) as files:
        cells(Sheet(files[0]))


def test_a_damaged_zip_is_named(tmp_path):
    packed = tmp_path / "hurt.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Contact.csv", "Id,Name\n" + "".join(f"{i},Name {i * 7919}\n" for i in range(5_000)))
    data = bytearray(packed.read_bytes())
    data[200:260] = b"\xff" * 60
    packed.write_bytes(bytes(data))
    with pytest.raises(Unreadable), folders.folder(packed) as files:
        cells(Sheet(files[0]))


def test_a_locked_zip_is_said(tmp_path):
    packed = tmp_path / "locked.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Contact.csv", "Id\n1\n")
    data = packed.read_bytes()
    at = data.index(b"PK\x01\x02") + 8
    packed.write_bytes(data[:at] + b"\x01" + data[at + 1 :])
    with pytest.raises(Unreadable, match="password"), folders.folder(packed):
        pass


@pytest.mark.reliability
def test_memory_stays_small_for_a_large_file(tmp_path):
    """300,000 rows, 100 MB: read in a process of its own, whose peak is asked at the end.

    Its own peak is VmHWM: what `getrusage` says goes on counting the process that started it.
    """
    with (tmp_path / "Contact.csv").open("w") as file:
        file.write("Id,Name,Note\n")
        for i in range(300_000):
            file.write(f'{i},"Name {i}","{"long note " * 30}"\n')
    script = (
        "import re, sys; from pathlib import Path; from kit import folders; from kit.sheets import Sheet\n"
        "with folders.folder(Path(sys.argv[1])) as files: n = sum(1 for _ in Sheet(files[0]).rows())\n"
        "print(n, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    rows, peak = map(int, done.stdout.split())
    assert rows == 300_000
    assert peak < 300 * 1024
