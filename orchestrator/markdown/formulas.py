"""Formulas: TeX becomes MathML that holds nothing but text, structure and small lengths."""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml import exceptions
from latex2mathml.converter import Converter

MAX_FORMULA_CHARS = 4_000
MAX_BRACES = 40
MAX_LENGTHS = 64


def words(line: str) -> frozenset[str]:
    return frozenset(line.split())


TAGS = words(
    "math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover"
)
WORDS = words(
    "accent accentunder columnalign columnlines display displaystyle fence form largeop "
    "mathvariant movablelimits notation rowlines scriptlevel separator stretchy"
)
LENGTHS = words(
    "columnspacing depth height linethickness lspace mathsize maxsize minsize rowspacing rspace "
    "voffset width"
)

# Longer ones could draw over what stands around the formula.
_LENGTH = re.compile(r"[+-]?(?:\d?\.\d{1,4}|\d(?:\.\d{1,4})?)(?:em|ex)?|[+-]?\d{1,2}(?:px|pt)")
_WORD = re.compile(r"[a-z0-9 \-]{1,200}")
_NAMED_SPACE = re.compile(r"(?:negative)?(?:thin|medium|thick)mathspace")
# Definitions can double their own length again and again.
_DEFINITION = re.compile(r"\\(?:newcommand|def|DeclareMathOperator|newenvironment)")

# What the converter does not know, said in words that it knows.
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}")
_ENVIRONMENTS = {
    "align": "align*",
    "aligned": "align*",
    "dcases": "cases",
    "eqnarray": "align*",
    "eqnarray*": "align*",
    "gather": "matrix",
    "gather*": "matrix",
    "gathered": "matrix",
    "multline": "matrix",
    "multline*": "matrix",
}
_UNNUMBERED = re.compile(r"\\begin\s*\{equation\*?\}|\\end\s*\{equation\*?\}")
_NOTHING = re.compile(r"\\(?:label\s*\{[^{}]*\}|(?:nonumber|notag|displaybreak)(?![a-zA-Z]))")
_ARGUMENT = re.compile(r"\\arg(?![a-zA-Z])")

# The converter's own errors have no common base; the others are its slips on broken input.
_FAILURES: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type)),
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


def render(tex: str, *, is_display: bool) -> str | None:
    """MathML, or None if this formula cannot be converted."""
    if len(tex) > MAX_FORMULA_CHARS or _DEFINITION.search(tex) or _depth(tex) > MAX_BRACES:
        return None
    display = "block" if is_display else "inline"
    try:
        tree = Converter(display=display).convert_to_element(_simplify(tex))
        for element in tree.iter():
            _restrict(element)
        return tostring(tree, encoding="unicode")
    except _FAILURES:
        return None


def show_source(source: str) -> str:
    return f"<code>{escape(source)}</code>"


def _depth(tex: str) -> int:
    depth = deepest = 0
    for char in tex:
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    return max(deepest, tex.count(r"\left"), tex.count(r"\begin"))


def _simplify(tex: str) -> str:
    tex = _NOTHING.sub("", _UNNUMBERED.sub("", tex))
    tex = _ARGUMENT.sub(r"\\operatorname{arg}", tex)
    return _ENVIRONMENT.sub(
        lambda found: rf"\{found[1]}{{{_ENVIRONMENTS.get(found[2], found[2])}}}", tex
    )


def _restrict(element: Element) -> None:
    # The converter writes characters as references and leaves what people wrote as it is.
    element.text = unescape(element.text or "")
    if element.tag not in TAGS:
        element.tag = "mrow"
    # Padding without width would let text be drawn over other text.
    kept = {} if element.tag == "mpadded" else element.attrib
    element.attrib = {name: value for name, value in kept.items() if _is_harmless(name, value)}


def _is_harmless(name: str, value: str) -> bool:
    if name in LENGTHS:
        lengths = value.split()
        return len(lengths) <= MAX_LENGTHS and all(_is_length(length) for length in lengths)
    return name in WORDS and _WORD.fullmatch(value) is not None


def _is_length(word: str) -> bool:
    return bool(_LENGTH.fullmatch(word) or _NAMED_SPACE.fullmatch(word))
