"""Files that others made and we carry along: each is listed in static/VENDORED.md and is exactly what the list says.

`python -m kit.vendored` says what does not fit and ends with 1; `bin/check` runs it.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = "static/VENDORED.md"

# Whatever lies here was made elsewhere and must be listed; texts about it may lie beside it.
FOLDERS = ("static/vendor", "static/fonts", "tests/vendor", "kit/fonts")
OURS = (".md", ".conf")

_ROW = re.compile(
    r"^\| `(?P<path>[^`]+)` \| (?P<of>[^|]+) \| (?P<licence>[^|]+) \| `(?P<sha256>[0-9a-f]{64})` \|$", re.M
)


@dataclass(frozen=True)
class Vendored:
    """One line of the list."""

    path: str
    of: str
    licence: str
    sha256: str


def listed(root: Path = ROOT) -> list[Vendored]:
    """What the list says."""
    text = (root / LIST).read_text(encoding="utf-8")
    return [
        Vendored(match["path"], match["of"].strip(), match["licence"].strip(), match["sha256"])
        for match in _ROW.finditer(text)
    ]


def faults(root: Path = ROOT) -> list[str]:
    """What is missing, changed or not listed, one sentence each."""
    rows = listed(root)
    return [*_wrong(root, rows), *_unlisted(root, {row.path for row in rows})]


def _wrong(root: Path, rows: list[Vendored]) -> Iterator[str]:
    if not rows:
        yield f"{LIST} lists nothing."
    for row in rows:
        file = root / row.path
        if not file.is_file():
            yield f"{row.path} is listed in {LIST} and missing."
        elif hashlib.sha256(file.read_bytes()).hexdigest() != row.sha256:
            yield f"{row.path} is not the file that {LIST} names: its checksum differs."


def _unlisted(root: Path, known: set[str]) -> Iterator[str]:
    for folder in FOLDERS:
        for file in sorted((root / folder).glob("**/*")):
            path = file.relative_to(root).as_posix()
            if file.is_file() and file.suffix not in OURS and path not in known:
                yield f"{path} is not listed in {LIST}."


def main() -> int:
    found = faults()
    for sentence in found:
        print(sentence, file=sys.stderr)  # noqa: T201 - this is a command
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
