"""The last gate: lets only those elements and attributes through that answers are made of."""

import nh3

from orchestrator.markdown import code, formulas, languages
from orchestrator.markdown.links import FOOTNOTE_PREFIX

_TEXT_TAGS = formulas.words(
    "a blockquote br button code del div em figcaption figure h3 h4 h5 h6 hr input li ol p pre "
    "s section span strong sup table tbody td th thead tr ul"
)
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"aria-label", "href", "id", "title"},
    "input": {"aria-label", "checked", "disabled"},
    "li": {"id"},
    "ol": {"start"},
    "section": {"aria-label"},
}
_VALUES: dict[str, dict[str, set[str]]] = {
    "a": {"rel": {"noopener noreferrer nofollow"}, "target": {"_blank"}},
    "button": {
        "aria-pressed": {"false"},
        "data-code": {"copy", "wrap", "download"},
        "type": {"button"},
    },
    "div": {"tabindex": {"0"}},
    "figure": {"data-language": {code.PLAIN, *languages.LEXERS}},
    "input": {"type": {"checkbox"}},
    "pre": {"tabindex": {"0"}},
}
_CLASSES: dict[str, set[str]] = {
    "div": {"math-box", "table-box"},
    "figure": {"code"},
    "li": {"task-list-item"},
    "ol": {"contains-task-list"},
    "section": {"footnotes"},
    "span": set(code.CLASSES.values()),
    "td": {"is-center", "is-right"},
    "th": {"is-center", "is-right"},
    "ul": {"contains-task-list"},
}
_FORMULA_ATTRIBUTES = {tag: set(formulas.WORDS | formulas.LENGTHS) for tag in formulas.TAGS}


def _keep_own_anchor(url: str) -> str | None:
    return url if url.startswith(FOOTNOTE_PREFIX) else None


_CLEANER = nh3.Cleaner(
    tags=_TEXT_TAGS | formulas.TAGS,
    attributes={**_FORMULA_ATTRIBUTES, **_ATTRIBUTES},
    tag_attribute_values=_VALUES,
    allowed_classes=_CLASSES,
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    url_relative=_keep_own_anchor,
    generic_attribute_prefixes=set(),
    link_rel=None,
)


def clean(html: str) -> str:
    return _CLEANER.clean(html)
