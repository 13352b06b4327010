"""Temporary folders go with their process, at the latest when the next one of their kind is made."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit import leftovers
from kit.config import ROOT

MAKING = """
import sys, time
from kit import leftovers
print(leftovers.Folder(sys.argv[1]).path, flush=True)
time.sleep(600)
"""


@pytest.fixture
def kind(tmp_path, monkeypatch):
    """A kind of folder of this test's own, in a folder for temporary files of its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return "almoner-tried-"


@pytest.fixture
def other(tmp_path, kind):
    """Another process, and the folder that it has made."""
    with subprocess.Popen(
        [sys.executable, "-c", MAKING, str(kind)],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def age(path: Path) -> None:
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))


def test_the_folder_of_a_killed_process_is_swept_and_that_of_a_living_one_stays(other, kind):
    process, folder = other
    (folder / "file").touch()
    age(folder)
    with leftovers.Folder(kind) as mine:
        assert folder.exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
        leftovers.sweep(kind)
        assert not folder.exists()
        assert mine.exists()
    assert not mine.exists()


def test_one_that_was_made_just_now_stays(kind, tmp_path):
    (tmp_path / f"{kind}new").mkdir()
    leftovers.sweep(kind)
    assert (tmp_path / f"{kind}new").exists()


def test_links_are_not_followed(kind, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / f"{kind}link").symlink_to(tmp_path / "precious")
    os.utime(tmp_path / f"{kind}link", (0, 0), follow_symlinks=False)
    leftovers.sweep(kind)
    assert (tmp_path / "precious").exists()


def test_what_belongs_to_a_place_goes_when_that_is_gone(tmp_path):
    places = {name: tmp_path / name for name in ("one", "two")}
    claims = {name: tmp_path / f"almoner-{name}" for name in places}
    for name, place in places.items():
        place.mkdir()
        claims[name].mkdir()
        leftovers.claim(claims[name], place)
    assert all(claim.exists() for claim in claims.values())

    places["one"].rmdir()
    leftovers.claim(claims["two"], places["two"])

    assert not claims["one"].exists() and claims["two"].exists()
