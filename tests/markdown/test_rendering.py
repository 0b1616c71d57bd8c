"""What answers are made of: each construct, as the page shows it."""

import pytest

from orchestrator.markdown.rendering import render
from tests.markdown.pages import Page

OUTSIDE = ' rel="noopener noreferrer nofollow" target="_blank"'


def paragraph(content: str) -> str:
    return f"<p>{content}</p>\n"


def link(url: str, text: str) -> str:
    return f'<a href="{url}"{OUTSIDE}>{text}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* **c** ~~d~~ `e`", "a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code>"),
        ("a\nb", "a\nb"),
        ("a  \nb", "a<br>\nb"),
        ("a & b &lt; &amp;lt; ü", "a &amp; b &lt; &amp;lt; ü"),
        ("snake_case_name", "snake_case_name"),
        ("`` ` ``", "<code>`</code>"),
        ("\\*a\\*", "*a*"),
    ],
)
def test_words_in_a_paragraph(text: str, html: str) -> None:
    assert render(text) == paragraph(html)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        *(("# a", "h3"), ("## a", "h4"), ("### a", "h5"), ("#### a", "h6"), ("###### a", "h6")),
        *(("a\n===", "h3"), ("a\n---", "h4")),
    ],
)
def test_headings_start_below_those_of_the_page(text: str, tag: str) -> None:
    assert render(text) == f"<{tag}>a</{tag}>\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        ("***", "<hr>\n"),
    ],
)
def test_blocks(text: str, html: str) -> None:
    assert render(text) == html


def test_a_task_list_has_boxes_that_nobody_can_tick() -> None:
    page = Page(render("- [ ] a\n- [x] b\n- [c] d"))
    assert page.all("ul") == [{"class": "contains-task-list"}]
    assert page.all("input") == [
        {"type": "checkbox", "disabled": "", "aria-label": "Open"},
        {"type": "checkbox", "disabled": "", "aria-label": "Done", "checked": ""},
    ]


def test_a_table_scrolls_in_a_box_and_aligns_by_class() -> None:
    html = render("| a | b | c |\n|:--|:-:|--:|\n| 1 | `2\\|3` |\n")
    assert html == (
        '<div class="table-box" tabindex="0"><table>\n<thead>\n<tr>\n<th>a</th>\n'
        '<th class="is-center">b</th>\n<th class="is-right">c</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td>1</td>\n<td class="is-center"><code>2|3</code></td>\n'
        '<td class="is-right"></td>\n</tr>\n</tbody>\n</table></div>\n'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](https://example.org/x)", link("https://example.org/x", "a")),
        ("[a](mailto:a@example.org)", link("mailto:a@example.org", "a")),
        ("[a][r]\n\n[r]: http://example.org", link("http://example.org", "a")),
        ("<https://example.org>", link("https://example.org", "https://example.org")),
        ("<a@example.org>", link("mailto:a@example.org", "a@example.org")),
        (
            "https://example.org/a_b_c.",
            link("https://example.org/a_b_c", "https://example.org/a_b_c") + ".",
        ),
        ("(http://example.org)", "(" + link("http://example.org", "http://example.org") + ")"),
        ("http://example.org/(a)", link("http://example.org/(a)", "http://example.org/(a)")),
        (
            "**http://example.org**",
            f"<strong>{link('http://example.org', 'http://example.org')}</strong>",
        ),
        ("mailto:a@example.org!", link("mailto:a@example.org", "mailto:a@example.org") + "!"),
        ("见http://example.org", "见" + link("http://example.org", "http://example.org")),
        ("http://bücher.example", link("http://xn--bcher-kva.example", "http://bücher.example")),
        ("`https://example.org`", "<code>https://example.org</code>"),
        ("www.example.org", "www.example.org"),
        ("a@example.org", "a@example.org"),
        ("ftp://example.org", "ftp://example.org"),
        ("xhttp://example.org", "xhttp://example.org"),
        ("https://", "https://"),
        ("mailto:me", "mailto:me"),
        ("[a](#part)", "a"),
        ("[a]()", "a"),
    ],
)
def test_links(text: str, html: str) -> None:
    assert render(text).strip() == paragraph(html).strip()


def test_a_link_keeps_its_title_as_text() -> None:
    page = Page(render('[a](https://example.org "say \\"hi\\"")'))
    assert page.all("a")[0]["title"] == 'say "hi"'


@pytest.mark.parametrize(
    ("text", "url", "words"),
    [
        (
            "![a *b*](https://example.org/i.png)",
            "https://example.org/i.png",
            "Image: a b (example.org)",
        ),
        ("![](https://example.org/i.png)", "https://example.org/i.png", "Image (example.org)"),
        ("![a](https://EXAMPLE.org:8080/)", "https://EXAMPLE.org:8080/", "Image: a (example.org)"),
        (
            "[![a](https://img.example/i)](https://example.org)",
            "https://example.org",
            "Image: a (img.example)",
        ),
    ],
)
def test_an_image_is_never_loaded_but_named(text: str, url: str, words: str) -> None:
    page = Page(render(text))
    assert page.hrefs == [url]
    assert page.text.strip() == words
    assert not page.dangers


def test_footnotes_lead_there_and_back() -> None:
    page = Page(render("a[^n] b[^n] c[^m]\n\n[^n]: one\n\n[^m]: two\n\n    more", "m7-"))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert page.hrefs[:3] == ["#fn-m7-1", "#fn-m7-1", "#fn-m7-2"]
    assert page.hrefs[3:] == ["#fnref-m7-1", "#fnref-m7-1-2", "#fnref-m7-2"]
    assert sorted(ids) == sorted({href[1:] for href in page.hrefs})
    assert not any("target" in attrs for attrs in page.all("a"))


def test_footnotes_of_two_answers_do_not_meet() -> None:
    text = "a[^1]\n\n[^1]: b"
    first, second = (set(Page(render(text, prefix)).hrefs) for prefix in ("m1-", "m2-"))
    assert not first & second


def test_a_footnote_without_its_note_stays_text() -> None:
    assert render("a[^1]") == paragraph("a[^1]")


@pytest.mark.parametrize("text", ["", "\n", "   \n\t\n", "[r]: https://example.org"])
def test_nothing_to_show_is_nothing(text: str) -> None:
    assert render(text) == ""


def test_no_element_has_an_inline_style() -> None:
    text = "| a |\n|-:|\n| $\\color{red}{x}$ |\n\n```c\nint x;\n```\n\n- [x] b"
    assert "style=" not in render(text)
