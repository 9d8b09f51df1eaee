"""What is asked of a thing of schema.org again and again."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from feeds.json_ld import types, word
from feeds.json_values import fields, listed, text, web_address


def title(node: Mapping[str, object]) -> str:
    return word(node.get("name")) or word(node.get("title")) or word(node.get("headline"))


def is_work(node: Mapping[str, object]) -> bool:
    return any(name.lower() in ("jobposting", "workbasedprogram") for name in types(node))


def instances(node: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [fields(each) for each in listed(node.get("hasCourseInstance"))]


def first(value: object) -> object:
    return next(iter(listed(value)), None)


def statuses(node: Mapping[str, object]) -> list[str]:
    return [re.split(r"[/:#]", text(status))[-1].lower() for status in listed(node.get("eventStatus"))]


def absolute(page: str, address: object) -> str | None:
    """An address of the web, from one that may be relative to a page."""
    try:
        return web_address(urljoin(page, text(address))) if text(address) else None
    except ValueError:
        return None


def host(address: str) -> str:
    """Without `www.`; empty where there is none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
