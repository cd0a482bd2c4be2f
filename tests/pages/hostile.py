"""Sixty texts that break pages which trust their data, and what a page must not become."""

from __future__ import annotations

from functools import cache
from xml.etree.ElementTree import fromstring

import html5lib

ALERT = "alert(1)"
HOSTILE = [
    f"<script>{ALERT}</script>",
    f"</script><script>{ALERT}</script>",
    f"<img src=x onerror={ALERT}>",
    f'"><img src=x onerror={ALERT}>',
    f"'><img src=x onerror={ALERT}>",
    f"<svg onload={ALERT}>",
    f"<svg><script>{ALERT}</script></svg>",
    f"<svg><animate onbegin={ALERT} attributeName=x dur=1s>",
    f"<iframe src=javascript:{ALERT}></iframe>",
    f"<iframe srcdoc='<script>{ALERT}</script>'>",
    f"<body onload={ALERT}>",
    f"<details open ontoggle={ALERT}>",
    f"<input autofocus onfocus={ALERT}>",
    f"<a href=javascript:{ALERT}>x</a>",
    f"<form action=javascript:{ALERT}><button>x",
    f"<math><mi xlink:href=javascript:{ALERT}>x",
    f"<object data=javascript:{ALERT}>",
    f"<embed src=javascript:{ALERT}>",
    "<base href=//example.invalid>",
    "<link rel=stylesheet href=//example.invalid/a.css>",
    "<meta http-equiv=refresh content=0;url=//example.invalid>",
    "<style>*{display:none}</style>",
    "</style><h1>gone</h1>",
    "</title><h1>gone</h1>",
    "</td></tr></table><h1>gone</h1>",
    "</summary></details><h1>gone</h1>",
    "</figcaption></figure><h1>gone</h1>",
    "</text></svg><h1>gone</h1>",
    "</main></body></html><h1>gone</h1>",
    "<!-- the rest is a comment",
    "--><h1>gone</h1>",
    "<![CDATA[ the rest is text",
    "]]><h1>gone</h1>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html><html>",
    "<plaintext>",
    "<textarea>",
    "<noscript><h1>gone</h1>",
    "<template><h1>gone</h1>",
    "<xmp>",
    f'" onmouseover={ALERT} x="',
    f"' onmouseover={ALERT} x='",
    f"`onmouseover={ALERT}",
    f'x" style="background:url(javascript:{ALERT})',
    "x'; content: url(//example.invalid) '",
    "}} body { display: none } {{",
    f"javascript:{ALERT}",
    f"data:text/html,<script>{ALERT}</script>",
    f"[click](javascript:{ALERT})",
    "![x](//example.invalid/x.png)",
    "**bold** <b>bold</b> | a | b |",
    "$\\alpha$ \\(x\\) \\[y\\]",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "%s %n {0} {k.__class__}",
    "&lt;script&gt; &amp; &#60;script&#62;",
    "\\u003cscript\\u003e \\x3cscript\\x3e",
    "=cmd|' /C calc'!A0",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe \N{ZERO WIDTH SPACE}x",
    "a\N{LINE SEPARATOR}b\N{PARAGRAPH SEPARATOR}c",
    f"{'long' * 40} <b>{'x' * 40}",
]
assert len(set(HOSTILE)) == 60


@cache
def outline(page: str) -> list[str]:
    """Every element of a page in its order, with its attributes' names and its style.

    Two pages of the same shape have the same outline, whatever their texts are. Places to break a
    line are left out.
    """
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return [
        f"{node.tag} {' '.join(sorted(map(str, node.attrib)))} {node.get('style', '')}"
        for node in tree.iter()
        if isinstance(node.tag, str) and node.tag != "wbr"
    ]


@cache
def comments(page: str) -> int:
    """How many comments the page holds."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return sum(not isinstance(node.tag, str) for node in tree.iter())


def read_texts(page: str) -> str:
    """All the text of a page, as a reader meets it."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return "".join(tree.itertext())


def is_drawing(svg: str) -> bool:
    """Whether an SVG draws and does nothing else: no script, no handler, nothing from elsewhere."""
    for node in fromstring(svg).iter():
        tag = str(node.tag).rpartition("}")[2]
        if tag in {"script", "foreignObject", "a", "animate", "set", "iframe"}:
            return False
        for name, value in node.attrib.items():
            plain = name.rpartition("}")[2].lower()
            away = plain in {"href", "src"} and not value.startswith(("#", "data:image/png"))
            if plain.startswith("on") or away:
                return False
    return True
