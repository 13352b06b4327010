"""Ours and bare in turns: what one request costs, and how the two compare, whatever else the machine does."""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable

import msgspec

Once = Callable[[int], Awaitable[None]]
"""One request; told its number, so that no two in a row ask for the same."""

LONG_ENOUGH = 0.8
"""Seconds that one turn takes."""


class Side(msgspec.Struct):
    """One way to do a thing, and how long it took each time."""

    once: Once
    before: Callable[[int, int], None] | None = None
    """Told where the next turn begins and how many it asks: makes what must not be measured."""
    most: int = 2000
    """Requests of one turn at most: where each uses something up."""
    count: int = 0
    asked: int = 0
    rates: list[float] = []
    seconds: list[float] = []
    processor: list[float] = []
    """Seconds of this process's own processor time per request, a turn each: what other programs do hardly changes it."""

    async def calibrate(self) -> None:
        """Find out how many fill a turn; this also warms everything up."""
        if self.before:
            self.before(0, 8)
        took = 1.0
        for n in range(8):
            began = time.perf_counter()
            await self.once(n)
            took = min(took, time.perf_counter() - began)
            self.asked = n + 1
            if time.perf_counter() - began > LONG_ENOUGH:
                break  # once fills a turn
        self.count = max(min(5, self.most), min(self.most, round(LONG_ENOUGH / max(took, 1e-5))))

    async def turn(self) -> None:
        """Ask again and again, for about as long as a turn is."""
        if self.before:
            self.before(self.asked, self.count)
        gc.collect()
        began, used = time.perf_counter(), time.process_time()
        for n in range(self.asked, self.asked + self.count):
            start = time.perf_counter()
            await self.once(n)
            self.seconds.append(time.perf_counter() - start)
        self.rates.append(self.count / (time.perf_counter() - began))
        self.processor.append((time.process_time() - used) / self.count)
        self.asked += self.count

    def at(self, share: float) -> float:
        """The time in milliseconds that this share of the requests needs at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def own(self) -> float:
        """Milliseconds of our own processor time for one request."""
        return statistics.median(self.processor) * 1000

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def ratio(one: Side, other: Side) -> float:
    """How the rates compare: the median over the rounds of what was measured side by side."""
    return statistics.median(a / b for a, b in zip(one.rates, other.rates, strict=True))
