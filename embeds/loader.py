"""The script that hosts include. What has been published under a number never changes: hosts pin it by its digest."""

from base64 import b64encode
from functools import cache
from hashlib import sha384
from pathlib import Path

LOADERS = Path(__file__).parent / "loaders"
NEWEST = 1


@cache
def loader(version: int = NEWEST) -> str | None:
    """The script of a version, or None where there is none."""
    path = LOADERS / f"{version}.js"
    return path.read_text(encoding="utf-8") if path.exists() else None


@cache
def integrity(version: int = NEWEST) -> str:
    """What a `<script>` says in `integrity`: https://www.w3.org/TR/SRI/#the-integrity-attribute

    Raises:
        KeyError: there is no such version.
    """
    text = loader(version)
    if text is None:
        raise KeyError(version)
    return "sha384-" + b64encode(sha384(text.encode()).digest()).decode()
