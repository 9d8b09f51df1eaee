"""JSON-LD blocks out of pages.

A page is cut into tags, comments and texts as https://html.spec.whatwg.org/#tokenization does it, and into nothing
more: no tree is built, and a script in a comment in a script ends the outer one. The time is in proportion to the page
whatever stands in it. Parsers that were tried take its square on hostile pages: a minute for 400 kB of `<a `, or
20 seconds for as many open `<div>`.
"""

import re
from collections.abc import Iterator
from html import unescape

_TAG = re.compile(r"<(/?)([a-z][^\s/>]*+)", re.IGNORECASE)
# A value in quotes that are not closed goes to the end of the page, and its tag with it.
_ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+")
_TAG_END = re.compile(r"[\s/]*+>")
# A comment may be empty: `<!-->`.
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
# What no tag can be made of, and all up to the next bracket.
_BOGUS = re.compile(r"<(?:[!?]|/(?![a-z]))[^>]*+>?", re.IGNORECASE)

# Elements whose text is no markup.
_TEXTS = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea"})
_TEXT_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _TEXTS}


def blocks(page: str) -> Iterator[str]:
    """The text of each `<script type="application/ld+json">` of a page; of one that is not closed, up to the end."""
    if "json" not in page.lower():
        return
    at = page.find("<")
    while at >= 0:
        tag = _TAG.match(page, at)
        if tag is None:
            other = _COMMENT.match(page, at) or _BOGUS.match(page, at)
            at = page.find("<", other.end() if other else at + 1)
            continue
        kind, at = _rest_of_tag(page, tag.end())
        name = tag[2].lower()
        if at < 0 or name == "plaintext":
            return
        if name in _TEXTS and not tag[1]:
            ended = _TEXT_ENDS[name].search(page, at)
            if name == "script" and kind == "application/ld+json":
                yield page[at : ended.start() if ended else len(page)]
            at = ended.start() if ended else -1
        else:
            at = page.find("<", at)


def _rest_of_tag(page: str, at: int) -> tuple[str, int]:
    """The type that a tag's attributes name, and where the tag ends: -1 where it never does."""
    kind = None
    while not (end := _TAG_END.match(page, at)):
        attribute = _ATTRIBUTE.match(page, at)
        if attribute is None:
            return "", -1
        at = attribute.end()
        if attribute[1].lower() == "type" and kind is None:
            kind = unescape((attribute[2] or "").strip("\"'"))
    return (kind or "").lower().partition(";")[0].strip(), end.end()
