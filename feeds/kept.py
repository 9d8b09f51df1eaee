"""What was read before, for sources of many pages: not asked for again while it is the same, and there when it fails.

Each piece is a `feeds.reading.Part` under its own identifier, with the stamp that the source's list gave it.
"""

import hashlib
from datetime import timedelta

from feeds.json_values import content, fields, parse
from feeds.reading import Feed, Part

# A piece is read anew after this even if its list says that it is as it was: lists do not tell everything.
READ_ANEW_AFTER = timedelta(days=7)
# For so long a piece that cannot be read stays as it was.
BELIEVED_FOR = timedelta(days=28)

_LONGEST_NAME = 200


def keep(feed: Feed, group: str, name: str, stamp: str, value: object) -> None:
    """Remember some JSON under a name. Raises `feeds.json_values.NotJson` where it is nested past writing."""
    written = content({"stamp": stamp, "value": value})
    feed.parts.put(Part(_short(name), group, written, feed.now + READ_ANEW_AFTER))


def unchanged(feed: Feed, name: str, stamp: str) -> object | None:
    """What was kept, if it is fresh and its list gave it the same stamp; an empty one tells nothing."""
    part = feed.parts.get(_short(name))
    if part is None or not stamp or part.again_at is None or feed.now >= part.again_at:
        return None
    kept = fields(parse(part.content))
    return kept.get("value") if kept.get("stamp") == stamp else None


def last_known(feed: Feed, name: str) -> object | None:
    """What was kept, as long as it can be believed."""
    part = feed.parts.get(_short(name))
    if part is None or part.again_at is None or feed.now > part.again_at - READ_ANEW_AFTER + BELIEVED_FOR:
        return None
    return fields(parse(part.content)).get("value")


def forget(feed: Feed, name: str) -> None:
    feed.parts.forget(_short(name))


def forget_others(feed: Feed, group: str, names: set[str]) -> None:
    """Forget what the source names no more."""
    still = {_short(name) for name in names}
    for part in feed.parts.children(group):
        if part.identifier not in still:
            feed.parts.forget(part.identifier)


def _short(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:100]}#{hashlib.sha256(name.encode()).hexdigest()}"
