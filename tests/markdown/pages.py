"""What a browser would make of rendered HTML: elements with their attributes, and their text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

FORBIDDEN = {
    *("applet", "audio", "base", "embed", "form", "iframe", "img", "link", "meta", "object"),
    *("picture", "script", "source", "style", "svg", "template", "textarea", "title", "video"),
}
SCHEMES = ("http://", "https://", "mailto:", "#fn")
VOID = {"br", "hr", "input"}


@dataclass
class Page(HTMLParser):
    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    _open: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def hrefs(self) -> list[str]:
        return [attrs["href"] for attrs in self.all("a") if "href" in attrs]

    @property
    def dangers(self) -> list[str]:
        """Everything that could run, load or style something."""
        found = [f"</{tag}>" for tag in self.unbalanced]
        for tag, attrs in self.elements:
            found += [f"<{tag}>"] * (tag in FORBIDDEN)
            found += [name for name in attrs if is_dangerous(name)]
        return found + [href for href in self.hrefs if not href.startswith(SCHEMES)]


def is_dangerous(attribute: str) -> bool:
    forbidden = {"style", "src", "srcset", "srcdoc", "action", "formaction", "xlink:href", "xmlns"}
    return attribute.startswith("on") or attribute in forbidden
