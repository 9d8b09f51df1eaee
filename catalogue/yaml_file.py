"""A YAML file that a person wrote: its data, and the line of each part of it.

Nothing that explodes is followed: no aliases, no deep nesting, no large files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Where something stands in a file, by keys and by numbers from 0: `("pathways", 0, "title")`."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
# What no text field may hold: PostgreSQL refuses NUL, UTF-8 half a pair, and pages the rest.
_UNWRITABLE = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_CORE = "tag:yaml.org,2002:"
_AS_TYPED = (f"{_CORE}str", f"{_CORE}timestamp", f"{_CORE}value", f"{_CORE}merge")
_PLAIN = tuple(f"{_CORE}{name}" for name in ("int", "float", "bool", "null"))


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """Something wrong in a file, at a line from 1; at line 0 with the file as a whole."""

    line: int
    message: str


class BadFile(Exception):
    """A file cannot be used. `wrongs` are all that is wrong with it, in order of lines."""

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = sorted(set(wrongs))
        super().__init__("; ".join(f"line {each.line}: {each.message}" for each in self.wrongs))


@dataclass(slots=True)
class Document:
    """What a file holds, and the line of everything that has one. `wrongs` are keys that stand twice and the like."""

    data: Any
    lines: dict[Place, int] = field(default_factory=lambda: {(): 1})
    wrongs: list[Wrong] = field(default_factory=list)

    def place(self, location: Iterable[str | int]) -> Place:
        """The part of the file that a location leads to, such as pydantic's, whose names of shapes are passed over."""
        found: Place = ()
        for each in location:
            if (*found, each) in self.lines:
                found = (*found, each)
        return found

    def line(self, location: Iterable[str | int]) -> int:
        return self.lines[self.place(location)]


def read(path: Path) -> Document:
    """Read a file.

    Raises:
        BadFile: it is not there, not a file, too large, not text, not YAML, or more than plain YAML.
    """
    try:
        if path.is_dir():
            raise BadFile([Wrong(0, "this is a folder, not a file")])
        if path.exists() and not path.is_file():
            raise BadFile([Wrong(0, "this is not a file")])
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadFile([Wrong(0, f"cannot be read: {getattr(error, 'strerror', None) or error}")]) from error
    if len(content) > MAX_BYTES:
        raise BadFile([Wrong(0, f"larger than {MAX_BYTES:,} bytes: split it into several files")])
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadFile([Wrong(0, "this is not text in UTF-8")]) from error


def parse(text: str) -> Document:
    """The data of a YAML text.

    Raises:
        BadFile: it is not YAML, is empty, or has aliases or more than `MAX_DEPTH` levels.
    """
    try:
        _refuse_what_explodes(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFile([Wrong(line, "there is a character here that must not stand in a file")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadFile([Wrong(mark.line + 1 if mark else 0, f"this is not YAML: {error.problem}")]) from error
    if node is None:
        raise BadFile([Wrong(0, "the file is empty")])
    document = Document(None)
    document.lines[()] = _line(node)
    document.data = _built(node, (), document)
    return document


def _refuse_what_explodes(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise BadFile([Wrong(_line(event), "aliases such as *name cannot be used here: write it out")])
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadFile([Wrong(_line(event), f"nested more than {MAX_DEPTH} levels deep")])


def _built(node: yaml.Node, place: Place, document: Document) -> Any:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_CORE}map":
        return _mapping(node, place, document)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_CORE}seq":
        for number, item in enumerate(node.value):
            document.lines[*place, number] = _line(item)
        return [_built(item, (*place, number), document) for number, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, document)
    document.wrongs.append(Wrong(_line(node), f"the tag {node.tag} cannot be used here"))
    return None


def _mapping(node: yaml.MappingNode, place: Place, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key, str):
            document.wrongs.append(Wrong(_line(key_node), "a key is one word"))
        elif key in found:
            first = document.lines[*place, key]
            document.wrongs.append(Wrong(_line(key_node), f"{key} stands twice: first on line {first}"))
        else:
            document.lines[*place, key] = _line(key_node)
            found[key] = _built(value_node, (*place, key), document)
    return found


def _scalar(node: yaml.ScalarNode, document: Document) -> Any:
    if _UNWRITABLE.search(node.value):
        document.wrongs.append(Wrong(_line(node), "there is a character here that cannot be shown"))
    elif node.tag in _AS_TYPED:
        return node.value
    elif node.tag in _PLAIN:
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (ValueError, LookupError):
            document.wrongs.append(Wrong(_line(node), "this number cannot be read"))
    else:
        document.wrongs.append(Wrong(_line(node), f"the tag {node.tag} cannot be used here"))
    return None


def _line(part: yaml.Node | yaml.Event) -> int:
    mark = part.start_mark
    return int(mark.line) + 1 if mark else 0
