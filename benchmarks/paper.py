"""Receipts: the making of a PDF beside WeasyPrint alone in one process, two children beside one, and the memory of many."""

import asyncio
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec

from benchmarks.rounds import Side, ratio
from kit import pdf
from receipts import letter

_HEAD = letter.Letterhead(
    name="Riverbend Food Bank, Inc.",
    address=("12 Mill Street", "Portland, OR 97206"),
    contact=("+1 503-555-0100", "gifts@riverbend.example"),
    registration="EIN 93-1234567",
    website="https://riverbend.example",
    signer_name="Ana Ruiz",
    signer_title="Director",
)
_ONE = letter.Snapshot(
    label="US-2026-000001",
    title="Gift receipt",
    issued_on=date(2026, 11, 12),
    country="US",
    currency="USD",
    head=_HEAD,
    addressee=("Margaret Okafor", "18 Alder Lane", "Portland, OR 97206"),
    greeting="Dear Margaret,",
    thanks="Thank you for your gift to Riverbend Food Bank, Inc.",
    amount=15_000,
    lines=(letter.Line(on=date(2026, 11, 10), description="Gift: General fund", detail="by card", amount=15_000, deductible=15_000),),
    sentences=("No goods or services were provided in exchange for this contribution.",),
)  # fmt: skip


BATCH = 8
"""Letters in a heap for two children."""


class Paper(msgspec.Struct):
    ours: Side
    bare: Side
    two: Side
    share: float = 0.0
    with_two: float = 0.0
    memory: list[tuple[int, float, float]] = []
    """(receipts so far, MB of the child, MB of this process)"""


def page(n: int) -> str:
    """The letter of another receipt each time, as the app makes it."""
    return letter.page(msgspec.structs.replace(_ONE, label=f"US-2026-{n:06}", greeting=f"Dear Margaret {n},"))


async def measure(rounds: int, many: int) -> Paper:
    """`many` is how many receipts the memory is watched over."""
    child, presses = _BareChild(), _Presses()
    paper = Paper(Side(_render), Side(child.render), Side(_render_two))
    try:
        presses.turn_to(1)
        await paper.ours.calibrate()
        await paper.bare.calibrate()
        presses.turn_to(2)
        await paper.two.calibrate()
        paper.ours.count = paper.bare.count = max(10, paper.ours.count * 2)
        for number in range(rounds):
            presses.turn_to(1)
            first, second = (paper.ours, paper.bare) if number % 2 else (paper.bare, paper.ours)
            await first.turn()
            await second.turn()
            presses.turn_to(2)
            await paper.two.turn()
        paper.share = ratio(paper.ours, paper.bare)
        paper.with_two = BATCH * ratio(paper.two, paper.ours)
        presses.turn_to(1)
        paper.memory = await _watch(many)
    finally:
        child.end()
        await presses.stop()
    return paper


async def _render(n: int) -> None:
    await pdf.render(page(n))


async def _render_two(n: int) -> None:
    """A heap of letters, two at work on it all the time: no child waits for the other."""
    heap = iter(range(BATCH * n, BATCH * (n + 1)))

    async def work() -> None:
        for letter_number in heap:
            await _render(letter_number)

    await asyncio.gather(work(), work())


class _Presses:
    """One press with one child and one with two, both warm, and taken in turns."""

    def __init__(self) -> None:
        self._all = {count: pdf._Press(count, 60.0) for count in (1, 2)}  # pyright: ignore[reportPrivateUsage]

    def turn_to(self, count: int) -> None:
        pdf._current = self._all[count]  # pyright: ignore[reportPrivateUsage]

    async def stop(self) -> None:
        pdf._current = None  # pyright: ignore[reportPrivateUsage]
        for press in self._all.values():
            await press.stop()


async def _watch(many: int) -> list[tuple[int, float, float]]:
    seen = []
    for n in range(1, many + 1):
        await _render(n)
        if n in (100, many // 4, many // 2, many // 2 + 100, many):
            [running] = pdf._press()._running  # pyright: ignore[reportPrivateUsage]
            seen.append((n, _megabytes(running.process.pid), _megabytes(os.getpid())))
    return seen


def _megabytes(pid: int) -> float:
    """Memory of its own and shared, as the system counts it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class _BareChild:
    """`write_pdf` and nothing else in a process of its own, with the same fonts, style sheets and options, kept warm."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.bare_paper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "FONTCONFIG_FILE": str(pdf.FONTS / "fonts.conf")},
        )

    async def render(self, n: int) -> None:
        assert self._process.stdin and self._process.stdout
        html = page(n).encode()
        self._process.stdin.write(len(html).to_bytes(4, "big") + html)
        self._process.stdin.flush()
        if len(self._process.stdout.read(4)) != 4:
            raise RuntimeError("The bare process ended.")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
