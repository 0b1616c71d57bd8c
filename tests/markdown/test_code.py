"""Code blocks: the figure around them, and that colours never change their text."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.markdown import code, languages
from orchestrator.markdown.rendering import render
from tests.markdown.pages import Page

LANGUAGES = sorted(languages.LEXERS)


def text_of(figure: str) -> str:
    content = figure.partition("<code>")[2].rpartition("</code>")[0]
    return unescape(re.sub(r"<[^>]*>", "", content))


def test_a_fence_becomes_a_figure_with_its_buttons() -> None:
    assert render("```python\nx = 1\n```") == (
        '<figure class="code" data-language="python"><figcaption><span>python</span>'
        '<button type="button" data-code="copy">Copy</button>'
        '<button type="button" data-code="wrap" aria-pressed="false">Wrap</button>'
        '<button type="button" data-code="download">Download</button></figcaption>'
        '<pre tabindex="0"><code>x = <span class="m">1</span>\n</code></pre></figure>\n'
    )


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("python", "python"),
        ("Python", "python"),
        ("py title=x", "python"),
        ("python:main.py", "python"),
        ("{.python .numbered}", "python"),
        ("js {1,3}", "javascript"),
        ("tsx", "typescript"),
        ("C++", "c++"),
        ("c#", "c#"),
        ("sh", "bash"),
        ("", "text"),
        ("text", "text"),
        ("no-such-language", "text"),
        ("main.py", "text"),
        ('"><script>', "text"),
        ("x" * 10_000, "text"),
    ],
)
def test_the_label_is_the_language_that_was_named_and_never_a_guess(info: str, label: str) -> None:
    html = render(f'~~~{info}\nif x: return 1; // "a"\n~~~')
    assert Page(html).all("figure") == [{"class": "code", "data-language": label}]
    assert ("<span class=" in html) == (label != "text")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_found_and_keeps_the_text(language: str) -> None:
    source = 'x = "a<b>&amp;"; // # -- c\n\n\n\n\n  if (1) { f(\'y\') }\n<p a="b">1</p>'
    assert languages.find(language) == language
    assert text_of(code.render(source, language)) == source


@pytest.mark.parametrize("alias", sorted(languages.ALIASES))
def test_every_other_name_leads_to_a_language(alias: str) -> None:
    assert languages.find(alias) in languages.LEXERS


@given(st.text(st.characters(exclude_characters="\r\ufeff", codec="utf-8"), max_size=300))
def test_colours_never_change_the_text(source: str) -> None:
    for language in ("python", "html", "bash", "yaml"):
        assert text_of(code.render(source, language)) == source


@given(st.sampled_from(LANGUAGES), st.lists(st.sampled_from(['"', "'", "/*", "\n", "<", "a b"])))
def test_unfinished_code_keeps_its_text(language: str, pieces: list[str]) -> None:
    source = "".join(pieces)
    assert text_of(code.render(source, language)) == source


def test_long_code_is_coloured_in_pieces_and_stays_whole() -> None:
    source = 'def f():\n    return "x"\n\n' * 4_000
    figure = code.render(source, "python")
    assert figure.count('class="nf"') == 4_000
    assert text_of(figure) == source


@pytest.mark.parametrize("dull", ["x" * 401 + "\n", "\n" * 50, " \n" * 50])
def test_what_would_slow_a_lexer_down_stays_in_one_colour(dull: str) -> None:
    source = f"import a\n{dull}import b\n"
    figure = code.render(source, "python")
    assert figure.count('<span class="k">import</span>') == 2
    assert text_of(figure) == source


def test_only_the_first_200_kb_of_an_answer_are_coloured() -> None:
    block = "```python\n" + "x = 1\n" * 20_000 + "```\n\n"
    html = render(block + "\n" + block)
    assert html.count('<span class="m">') == 20_000
    assert Page(html).text.count("x = 1") == 40_000


def test_too_large_code_is_not_coloured_at_all() -> None:
    figure = code.render("x = 1\n" * 40_000, "python")
    assert "<span class" not in figure
    assert 'data-language="python"' in figure


def test_code_that_is_only_indented_is_shown_as_text() -> None:
    page = Page(render("    import os\n"))
    assert page.all("figure") == [{"class": "code", "data-language": "text"}]


def test_a_fence_that_never_ends_holds_the_rest() -> None:
    html = render("```python\nx = 1\n\n# y")
    assert Page(html).all("figure")[0]["data-language"] == "python"
    assert text_of(html) == "x = 1\n\n# y"
