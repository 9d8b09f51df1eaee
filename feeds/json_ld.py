"""The things of schema.org that JSON-LD describes, with what it says of them in several places put together."""

import html
import re
from collections.abc import Mapping

from feeds.json_values import NotJson, fields, listed, parse, text

MOST_NODES = 50_000
# Of what one thing links to, however many things there are.
FEWEST_LINKS = 50
_DEPTH = 8

# A text that is not closed goes to the end, so that no text is looked at twice.
_TEXT_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*+[}\]])', re.DOTALL)
_BEFORE = re.compile(r"(?:\s|/\*|\*/|//|<!--|<!\[CDATA\[|\ufeff)*+")
_AFTER = ("-->", "]]>", "//", "/*", "*/", ";")

# Properties that lead from what a page describes to what is found in it.
_THROUGH = ("@graph", "mainEntity", "itemListElement", "item", "event", "events", "subEvent", "subEvents", "hasPart")
# Properties whose values may be described elsewhere in the page, under their `@id`.
_LINKS = frozenset(
    {
        "address", "geo", "hasCourseInstance", "hiringOrganization", "jobLocation", "location", "offers", "organizer",
        "provider", "publisher", "subEvent", "subEvents", "superEvent", "containedInPlace", "parentOrganization",
    }
)  # fmt: skip


def parse_block(block: str) -> object:
    """The JSON of a block, mended where there is one way only to read it. Raises `NotJson`.

    Around it comments, CDATA marks and a semicolon are left out; in it, texts over several lines are taken, commas
    before a closing bracket are left out, and quotes that were written as `&quot;` are read as such.
    """
    bare = _bare(block)
    try:
        return parse(bare, is_strict=False)
    except NotJson as error:
        first = error
    for mended in (_TEXT_OR_COMMA.sub(r"\1", bare), html.unescape(bare) if "&quot;" in bare[:200] else bare):
        try:
            return parse(mended, is_strict=False)
        except NotJson:
            continue
    raise first


def _bare(block: str) -> str:
    begun = _BEFORE.match(block)
    end = len(block.rstrip())
    while mark := next((mark for mark in _AFTER if block.endswith(mark, 0, end)), ""):
        end -= len(mark)
        while end and block[end - 1].isspace():
            end -= 1
    return block[begun.end() if begun else 0 : end]


def types(node: Mapping[str, object]) -> list[str]:
    """The types of a thing, without what stands before: `http://schema.org/Event` and `schema:Event` are `Event`."""
    written = listed(node.get("@type")) or listed(node.get("type"))
    return [re.split(r"[/:#]", text(name))[-1] for name in written if text(name)]


def word(value: object) -> str:
    """One text of several or in several languages, English where it can be chosen; a thing's name; a number."""
    choices = [value] if not isinstance(value, list) else value
    english = sorted(choices, key=lambda choice: not text(fields(choice).get("@language")).lower().startswith("en"))
    return next(filter(None, (_single(choice) for choice in english)), "")


def words(value: object) -> list[str]:
    return list(dict.fromkeys(filter(None, (word(each) for each in listed(value)))))


def _single(value: object) -> str:
    if not isinstance(value, dict):
        return text(value)
    return text(value.get("@value")) or text(value.get("name"))


class Graph:
    """What a page describes, with each `@id` led to what is said of it anywhere in the page.

    `is_cut` is whether it describes more than `MOST_NODES` things, of which those that follow are left out.
    """

    def __init__(self, roots: list[object]) -> None:
        self.is_cut = False
        self._named: dict[str, dict[str, object]] = {}
        self._found: list[tuple[Mapping[str, object], Mapping[str, object]]] = []
        self._index(roots)
        self._walk(roots)

    def things(self) -> list[tuple[Mapping[str, object], Mapping[str, object]]]:
        """What the page describes, each with what it was found in; an `@id` that is described in pieces comes once."""
        return self._found

    def _index(self, roots: list[object]) -> None:
        waiting, count = list(reversed(roots)), 0
        while waiting and count < MOST_NODES:
            value = waiting.pop()
            if isinstance(value, list):
                waiting.extend(reversed(value))
            elif isinstance(value, dict):
                count += 1
                waiting.extend(inner for inner in reversed(value.values()) if isinstance(inner, dict | list))
                name = text(value.get("@id"))
                if name and len(value) > 1:
                    self._named[name] = {**value, **self._named.get(name, {})}
        self.is_cut = bool(waiting)

    def _walk(self, roots: list[object]) -> None:
        waiting: list[tuple[object, Mapping[str, object]]] = [(root, {}) for root in reversed(roots)]
        seen: set[str] = set()
        visited: set[int] = set()
        while waiting and len(visited) < MOST_NODES:
            value, parent = waiting.pop()
            if isinstance(value, list):
                waiting.extend((each, parent) for each in reversed(value))
            if not isinstance(value, dict) or id(value) in visited:
                continue
            visited.add(id(value))
            name = text(value.get("@id"))
            node = self._named.get(name, value)
            if types(node):
                if not (name and name in seen):
                    self._found.append((node, parent))
                seen.add(name)
            # What someone does with a thing does not make it theirs to offer.
            if not any(kind.endswith("Action") for kind in types(node)):
                by = node if types(node) and "ListItem" not in types(node) else parent
                waiting.extend((node[inner], by) for inner in reversed(_THROUGH) if inner in node)

    def whole(self, node: Mapping[str, object]) -> dict[str, object]:
        """A thing with what its links lead to in place of them, so that it can be read by itself."""
        budget = max(FEWEST_LINKS, MOST_NODES // max(1, len(self._found)))
        return self._expanded(node, (text(node.get("@id")),), [budget])

    def _expanded(self, node: Mapping[str, object], way: tuple[str, ...], budget: list[int]) -> dict[str, object]:
        return {name: self._led(value, way, budget) if name in _LINKS else value for name, value in node.items()}

    def _led(self, value: object, way: tuple[str, ...], budget: list[int]) -> object:
        budget[0] -= 1
        if budget[0] < 0 or len(way) > _DEPTH:
            return None if isinstance(value, dict | list) else value
        if isinstance(value, list):
            return [self._led(each, (*way, ""), budget) for each in value]
        name = text(fields(value).get("@id")) or (text(value) if text(value) in self._named else "")
        if not isinstance(value, dict) and not name:
            return value
        if name and name in way:
            return {"@id": name}
        return self._expanded(self._named.get(name, fields(value)), (*way, name), budget)
