"""Formulas become MathML; prices and shell variables stay what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.markdown import formulas
from orchestrator.markdown.rendering import render
from tests.markdown.pages import Page

# text, how many formulas are in it
DOLLARS = [
    ("$x$", 1),
    ("$x$ and $y$", 2),
    ("$x$-axis", 1),
    ("($x$)", 1),
    ("a$x$b", 1),
    ("$a_1 + b_2$", 1),
    ("$a * b * c$", 1),
    ("$2x$", 1),
    ("$x$ costs $5", 1),
    ("$a\\$b$", 1),
    ("the cost is $19 … $39 a month", 0),
    ("costs $5 and $6", 0),
    ("from $5-$6", 0),
    ("$5", 0),
    ("US$5 or US$6", 0),
    ("A$ and B$ are", 0),
    ("$ x $", 0),
    ("$x $", 0),
    ("$ x$", 0),
    ("$x$5", 0),
    ("\\$x$", 0),
    ("$x\\$", 0),
    ("`$x$`", 0),
    ("$HOME and $PATH", 0),
    ("$", 0),
    ("$$", 0),
    ("$$$", 0),
    ("$$$$", 0),
    ("$$ $$", 0),
    ("$$x$$", 1),
    ("so $$x$$ follows", 1),
    ("$$x$$ and $$y$$", 2),
    ("$$ x $$", 1),
    ("$$5 and 6$", 0),
    ("\\(x\\)", 1),
    ("\\( x \\) and \\(y\\)", 2),
    ("\\(x)", 0),
    ("\\\\(x\\\\)", 0),
    ("\\[x\\]", 1),
    ("so \\[x\\] follows", 1),
    ("\\[ \\] open", 0),
    ("[$x$](https://example.org)", 1),
    ("| $x$ | $y$ |\n|---|---|\n| $1 | $2 |", 2),
    ("- $x$\n- \\(y\\)", 2),
    ("> $$\n> x\n> $$", 1),
    ("- a\n\n  $$\n  x\n  $$", 1),
    ("$$\nx\n$$", 1),
    ("text\n$$\nx\n$$\ntext", 1),
    ("$$\nx\n\n- y\n$$", 1),
    ("$$ x\n= y $$", 1),
    ("$$ x\n\ny $$", 0),
    ("$$\nx", 0),
    ("\\[\n\\begin{aligned}a &= b \\\\ c &= d\\end{aligned}\n\\]", 1),
    ("$$\nx\n```\n$$\n```", 0),
    ("    $$\n    x\n    $$", 0),
]


@pytest.mark.parametrize(("text", "count"), DOLLARS)
def test_only_what_is_meant_as_a_formula_becomes_one(text: str, count: int) -> None:
    assert len(Page(render(text)).all("math")) == count


@pytest.mark.parametrize("text", [text for text, count in DOLLARS if count == 0])
def test_what_is_no_formula_keeps_its_dollars(text: str) -> None:
    plain = Page(render(text)).text
    assert plain.count("$") == text.count("$")


@pytest.mark.parametrize(
    ("text", "display"),
    [("$x$", "inline"), ("\\(x\\)", "inline"), ("$$x$$", "block"), ("a \\[x\\]", "block")],
)
def test_a_formula_is_displayed_as_it_was_written(text: str, display: str) -> None:
    assert Page(render(text)).all("math") == [{"display": display}]


@pytest.mark.parametrize("text", ["$$\nx\n$$", "\\[\nx\n\\]", "$$x$$"])
def test_a_formula_on_its_own_lines_scrolls_in_a_box(text: str) -> None:
    assert Page(render(text)).all("div") == [{"class": "math-box", "tabindex": "0"}]


@pytest.mark.parametrize(
    "text", ["$\\frac{$", "$$\n\\left( x\n$$", "\\(a^b^c\\)", "\\[\\begin{x}\\]"]
)
def test_a_formula_that_cannot_be_converted_is_shown_as_its_source(text: str) -> None:
    html = render(text)
    assert "<code>" in html
    assert "".join(Page(html).text.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"\sqrt{x}", "<msqrt>"),
        (r"x_1^2", "<msubsup>"),
        (r"a < b & c", "<mo>&lt;</mo>"),
        (r"\text{a <b>}", "&lt;b&gt;"),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", '<mtd columnalign="right"><mi>a</mi></mtd>'),
        (r"\begin{dcases}1\\2\end{dcases}", "<mtable>"),
        (r"\begin{equation}\label{e}x\end{equation}", "<mrow><mi>x</mi></mrow>"),
        (r"\begin{align}x\nonumber\end{align}", "<mi>x</mi></mtd></mtr>"),
        (r"\arg x", "<mo>arg</mo>"),
        (r"\boxed{x}", '<menclose notation="box">'),
    ],
)
def test_usual_formulas_become_mathml(tex: str, part: str) -> None:
    assert part in (formulas.render(tex, is_display=True) or "")


@pytest.mark.parametrize(
    "tex",
    [
        r"\hspace{99em}x",
        r"\kern-50em x",
        r"\raise 9999px {x}",
        r"\llap{covered}",
        r"\rule{999em}{999em}",
        r"\color{red}{x}",
        r"\textcolor{transparent}{x}",
        r"\style{position:fixed}{x}",
        r"\class{danger}{x}",
        r"\href{https://evil.example}{x}",
    ],
)
def test_a_formula_cannot_draw_outside_of_itself_or_lead_away(tex: str) -> None:
    page = Page(formulas.render(tex, is_display=False) or "")
    assert page.all("math") == [{"display": "inline"}]
    values = " ".join(value for _, attrs in page.elements for value in attrs.values())
    assert not any(
        word in values for word in ("9", "50", "-1", ":", "red", "danger", "transparent")
    )


@pytest.mark.parametrize(
    "tex",
    [
        r"\newcommand{\a}{xx}\newcommand{\b}{\a\a}\b",
        r"\def\a{\a\a}\a",
        r"\DeclareMathOperator{\a}{x}\a",
        "{" * 50 + "x" + "}" * 50,
        r"\left(" * 50 + "x" + r"\right)" * 50,
        r"\sqrt" * 700,
        "x" * (formulas.MAX_FORMULA_CHARS + 1),
    ],
)
def test_a_formula_that_could_grow_without_bound_is_refused(tex: str) -> None:
    assert formulas.render(tex, is_display=False) is None


WORDS = (
    r"\frac \sqrt \left \right \begin{matrix} \end{matrix} \begin{array} {lcr} \\ & { } ^ _ ' [ ] "
    r"\text{a} \hbox{$b$} \unicode{ffffffff} \genfrac \sideset \skew \of \root \over \color{red} "
    r"\limits \not \middle | \big ( . 1em % \verb|x| \mathbb{R} \prescript \smash \mathchoice # ~"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map("".join), st.booleans())
def test_no_broken_formula_raises(tex: str, is_display: bool) -> None:
    tree = formulas.render(tex, is_display=is_display)
    assert tree is None or tree.startswith("<math")


@given(st.text(max_size=60))
def test_no_text_between_dollars_raises(text: str) -> None:
    assert not Page(render(f"${text}$ $${text}$$ \\[{text}\\]")).dangers
