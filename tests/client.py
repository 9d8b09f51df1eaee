"""A test client that reads every HTML answer as strictly as the standard does."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from tinyhtml5.parser import HTMLParser
from werkzeug.datastructures import Headers

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Answer:
    """An answer. `tree` is its HTML, parsed without error, or None for another type."""

    status: int
    headers: Headers
    text: str
    tree: Element | None

    def all(self, path: str) -> list[Element]:
        """Elements by ElementTree's small XPath, such as `.//li[@class='card']`."""
        assert self.tree is not None
        return self.tree.findall(path)

    def texts(self, path: str) -> list[str]:
        return [text_of(element) for element in self.all(path)]


def text_of(element: Element) -> str:
    """The text in an element as a reader sees it, spaces folded."""
    return " ".join("".join(element.itertext()).split())


class CheckedClient:
    """Asks the site, and keeps its cookies; a page that is not well-formed HTML fails the test that asked for it."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def get(self, path: str, **options: Any) -> Answer:
        return self._open(path, method="GET", **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self._open(path, method="POST", **options)

    def cookie(self, name: str) -> str | None:
        found = self._client.get_cookie(name)
        return found.value if found else None

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie(name, value)

    def _open(self, path: str, **options: Any) -> Answer:
        with self._client.open(path, **options) as response:
            tree = None
            if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
                tree = parse(response.get_data(as_text=True))
            return Answer(response.status_code, response.headers, response.get_data(as_text=True), tree)


def parse(text: str) -> Element:
    """Parse a page, or a fragment of one. Fails on any parse error and on an id that stands twice."""
    parser = HTMLParser(namespace_html_elements=False)
    is_page = text.lstrip().lower().startswith("<!doctype")
    tree: Element = parser.parse(text) if is_page else parser.parse_fragment(text)
    assert not parser.errors, parser.errors
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids)), f"ids that stand twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    return tree
