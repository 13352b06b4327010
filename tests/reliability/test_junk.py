"""R11: bad input gets 4xx and a sentence, never 5xx, never a hang."""

import random
import struct
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest

from staff import sessions
from tests import make, routes
from tests.reliability import examples
from tests.reliability.wire import Raw, ask, undone

QUICK = 2_000
PARTS = 4

TEXTS = [
    "", " ", "0", "-1", "1e3", "1.5", "NaN", "Infinity", "null", "None", "true", "[]", "{}", "٥٠", "１２", "²", "½", "1_000", "0x10",
    "2147483648", "9223372036854775808", "99999999999999999999", "9" * 400, "9" * 5000, "-9223372036854775809", "a" * 10_000, "a\x00b",
    "\x00", "\ud800", "é" * 200, "\u202etxt.exe", "Z̷͑a̸l̶g̷o" * 20, "🏳️‍🌈", "\r\nX-Evil: 1", "a\rb", "'; DROP TABLE gifts; --", "' OR '1'='1",
    "%", "_", "\\", "%00", "%s%s%s", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "../../../../etc/passwd", "//evil.example",
    "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-01-01T00:00:00Z", "٢٠٢٦-٠١-٠١", "1,000.50", "1.000,50", "$", "-", "+",
    "@", "a@b", '"a b"@example.org', "a@" + "x" * 300 + ".org", "+", "+1", "(", "*", "a:b", "'\"", "::1", "\ufeff", "\u200b",
]  # fmt: skip
NUMBERS = [
    b"0", b"-1", b"1", b"999999", b"2147483647", b"2147483648", b"9223372036854775807", b"9223372036854775808",
    b"99999999999999999999", b"9" * 400, b"9" * 5000, b"1e3", b"1.0", b"0x1", b"%D9%A1%D9%A2%D9%A3", b"1_000", b"%201", b"1%00", b"%00",
    b"%FF%FE", b"a", b"null", b"..", b"%2e%2e", b"%2F", b";", b"1;2", b"%ED%A0%80", b"+1", b"01", b"%EF%BC%91",
]  # fmt: skip
PARAMETERS = [
    "q", "after", "before", "show", "kind", "tag", "outcome", "status", "state", "next", "draft", "name", "sort", "given", "archived",
    "slips", "fund", "campaign", "appeal", "method", "thanked", "correction", "donor", "donor_q", "again", "s", "left", "but", "email",
    "phone", "given_name", "given_on", "currency", "receipt_wanted", "from", "until", "amount", "page", "view", "on", "programme", "place",
    "weeks", "role", "day", "list", "skill", "first", "last", "by", "constituent",
]  # fmt: skip
HEADERS = [
    (b"cookie", b"__Host-session=\xff\xfe"), (b"cookie", b"__Host-session=" + b"a" * 8000), (b"cookie", b"\xc3\xa9=\xc3\xa9"),
    (b"cookie", b"=;;=;a=;=b;__Host-session"), (b"cookie", b"notice=\xff.\xfe"), (b"cookie", b"notice=eyJ.x"),
    (b"cookie", b"notice=" + "é".encode() + b".abc"), (b"cookie", b'notice="\\377\\000"'), (b"accept", b"\xff/\xfe"),
    (b"accept", b"application/json"), (b"accept-language", b"\xe9"), (b"hx-request", b"true"), (b"hx-request", b"\xff"),
    (b"hx-request-type", b"partial"), (b"hx-target", b"\xe9\xff"), (b"hx-current-url", b"\xff"), (b"user-agent", b"\xff\x80" * 300),
    (b"user-agent", "Zoë".encode()), (b"x-forwarded-for", b"\xff, 1.2.3.4, junk"), (b"x-forwarded-for", b"1" * 5000),
    (b"referer", b"http://[::1"), (b"origin", b"http://[junk"), (b"if-modified-since", b"never"), (b"if-none-match", b'"\xff"'),
    (b"range", b"bytes=9999999999-1"), (b"stripe-signature", b"t=1,v1=\xff"), (b"stripe-signature", "t=١,v1=é".encode()),
    (b"stripe-signature", b"t=" + b"9" * 400 + b",v1=a"), (b"stripe-signature", b","), (b"host", b"\xff"), (b"host", b"evil.example"),
    (b"authorization", b"Basic \xff"), (b"content-encoding", b"gzip"), (b"expect", b"100-continue"), (b"x-http-method-override", b"DELETE"),
]  # fmt: skip
MULTIPART = b"multipart/form-data; boundary=x"


def _part(name: bytes, value: bytes, more: bytes = b"", kind: bytes = b"") -> bytes:
    kind = b"\r\ncontent-type: " + kind if kind else b""
    return (
        b'--x\r\ncontent-disposition: form-data; name="'
        + name
        + b'"'
        + more
        + kind
        + b"\r\n\r\n"
        + value
        + b"\r\n"
    )


def _text(chance: random.Random) -> str:
    if chance.random() < 0.8:
        return chance.choice(TEXTS)
    return "".join(chr(chance.randrange(1, 0x2FFF)) for _ in range(chance.randrange(1, 40)))


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


def _form(chance: random.Random, fields: dict[str, str]) -> tuple[bytes, bytes]:
    """A form that is right but for a few fields; the commonest kind of junk."""
    typed = [
        (name, _text(chance) if chance.random() < 2 / (1 + len(fields)) else text)
        for name, text in fields.items()
    ]
    typed += [(chance.choice(list(fields) or PARAMETERS), _text(chance)) for _ in range(chance.randrange(2))]
    if chance.random() < 0.1:
        typed = [pair for pair in typed if chance.random() < 0.6]
    if chance.random() < 0.05:
        typed *= 30
    if chance.random() < 0.2:
        return MULTIPART, b"".join(
            _part(name.encode(), text.encode("utf-8", "surrogatepass")) for name, text in typed
        ) + b"--x--\r\n"
    return b"application/x-www-form-urlencoded", _encoded(typed)


def _odd_body(chance: random.Random, fields: dict[str, str]) -> tuple[bytes, bytes]:
    name = chance.choice([*fields, "name"]).encode()
    return chance.choice(
        [
            (MULTIPART, _part(name, b"\x89PNG\r\n", b'; filename="a.png"', b"image/png") + b"--x--\r\n"),
            (MULTIPART, _part(name, b"<svg/>", b"; filename*=utf-8''%FF%FE.svg", b"image/svg+xml") + b"--x--\r\n"),
            (MULTIPART, _part(name, b"x", b"", b"text/plain; charset=no-such-charset") + b"--x--\r\n"),
            (MULTIPART, _part(name, b"\xff\xfe\xfd") + b"--x--\r\n"),
            (MULTIPART, _part(name, b"\xff", b"", b"text/plain; charset=utf-7") + b"--x--\r\n"),
            (MULTIPART, _part(b"\xff\xfe", b"x") + b"--x--\r\n"),
            (MULTIPART, _part(b"logo", b"", b'; filename=""', b"image/png") + b"--x--\r\n"),
            (MULTIPART, _part(b"logo", b"GIF89a" + b"\0" * 99, b'; filename="../../etc/x"', b"image/png") + b"--x--\r\n"),
            (MULTIPART, _part(b"logo", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b'; filename="x.png"', b"image/png") + b"--x--\r\n"),
            (MULTIPART, b"--x\r\n\r\n\r\n--x--"),
            (MULTIPART, b"--x"),
            (MULTIPART, b""),
            (MULTIPART, _part(name, b"x") * 1500 + b"--x--\r\n"),
            (MULTIPART + b"\xff", _part(name, b"x") + b"--x--\r\n"),
            (b"multipart/form-data", _part(name, b"x") + b"--x--\r\n"),
            (b"multipart/form-data; boundary=", b"--\r\n"),
            (b"multipart/form-data; boundary=x; charset=no-such", _part(name, b"x") + b"--x--\r\n"),
            (b"application/x-www-form-urlencoded; charset=no-such", b"name=x"),
            (b"application/x-www-form-urlencoded", name + b"=\xff\xfe"),
            (b"application/x-www-form-urlencoded", name + b"=%FF%FE%ED%A0%80"),
            (b"application/x-www-form-urlencoded", b"&=&=" * 2000),
            (b"application/x-www-form-urlencoded", b"%=%zz&" + name),
            (b"application/json", b"[" * 100_000),
            (b"application/json", b'{"a":' * 100_000),
            (b"application/json", b"\xff\xfe"),
            (b"application/json", b'{"name": 1e999999}'),
            (b"application/json", b"nul"),
            (b"application/json", b'{"presses": [{"key": "12345678", "signup": 1e99, "what": "in", "at": "9999-12-31T23:59:59Z"}]}'),
            (b"application/json", b'{"presses": [{"key": "\\u0000\\ud8001234", "signup": 1, "what": "in", "at": "0001-01-01T00:00:00+23:59"}]}'),
            (b"application/json; charset=utf-16", b'{"a":1}'),
            (b"application/x-msgpack", b"\xc1\xc1"),
            (b"text/plain", b"x" * 100_000),
            (b"\xff/\xfe", b"x"),
            (b"", b"name=x"),
            (b"image/png", struct.pack(">I", 7)),
        ]
    )  # fmt: skip


def request_of(chance: random.Random, ids: Any, known: list[routes.Route], cookie: bytes) -> Raw:
    """One request with something wrong about it, to one of our routes."""
    route = chance.choice(known)
    filled = quote_from_bytes(routes.filled(route.path, ids).encode(), safe="/%").encode()
    if "{" in route.path and chance.random() < 0.3:
        pieces = [
            chance.choice(NUMBERS) if piece.startswith("{") else piece.encode()
            for piece in route.path.split("/")
        ]
        filled = b"/".join(pieces)
    method = (
        route.method
        if chance.random() < 0.93
        else chance.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "BREW"])
    )
    query = b""
    if chance.random() < (0.8 if route.method == "GET" else 0.1):
        pairs = [(chance.choice(PARAMETERS), _text(chance)) for _ in range(chance.randrange(1, 4))]
        query = chance.choice(
            [
                _encoded(pairs),
                _encoded(pairs),
                b"\xff=\xfe&q=\xff",
                b"q=%ff%fe&after=%ED%A0%80",
                b"%",
                b"&&==&",
            ]
        )
    headers = [(b"sec-fetch-site", b"same-origin"), (b"accept", b"text/html")]
    if cookie and chance.random() < 0.9:
        headers.append((b"cookie", cookie))
    if chance.random() < 0.3:
        headers += chance.sample(HEADERS, chance.randrange(1, 3))
    kind, body = b"", b""
    if method not in ("GET", "HEAD"):
        fields = examples.fields(route.path, ids) if route.path in examples.FIELDS else {}
        kind, body = (_form if chance.random() < 0.6 else _odd_body)(chance, fields)
        headers.append((b"content-type", kind))
    return Raw(method, filled, query, tuple(headers), body)


@pytest.mark.reliability
@pytest.mark.parametrize("part", range(PARTS))
async def test_junk_is_refused_with_a_sentence_and_soon(app, stripe_side, caplog, part):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    member = await make.member(role="administrator")
    token = await sessions.start(member.id, address="127.0.0.1", agent="junk")
    cookie = f"{sessions.cookie_name()}={token}".encode()
    await _try_it(
        app, random.Random(seed), QUICK // PARTS, await examples.world(me=member.id), cookie, caplog
    )


async def _try_it(app: Any, chance: random.Random, count: int, ids: Any, cookie: bytes, caplog: Any) -> None:
    known = [route for route in routes.expected() if not route.path.startswith("/static")]
    wrong: dict[tuple[Any, ...], Any] = {}
    for number in range(count):
        raw = request_of(chance, ids, known, cookie if chance.random() < 0.9 else b"")
        async with undone():
            said = await ask(app, raw)
        if not 200 <= said.status < 500 or said.seconds > 2:
            why = said.body.decode("latin-1") if not said.status else _trace(caplog)
            slow = f"{said.seconds:.1f} s" if said.seconds > 2 else ""
            wrong.setdefault(
                (said.status, slow, why[:200]),
                (number, raw.method, raw.path[:80], raw.query[:80], raw.headers[2:], raw.body[:300]),
            )
        caplog.clear()

    assert not wrong, "\n".join(f"{what}\n    {request}" for what, request in wrong.items())


def _trace(caplog: Any) -> str:
    last = next((record for record in reversed(caplog.records) if record.exc_info), None)
    return repr(last.exc_info[1]) if last and last.exc_info else ""
