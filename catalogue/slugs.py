"""Names as they stand in addresses."""

import re
import unicodedata

_OTHERS = re.compile("[^a-z0-9]+")


def slug_of(name: str) -> str:
    """A name as it stands in an address: `brighton-and-hove`, `ynys-mon`."""
    plain = name.replace("’", "").replace("'", "")
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return _OTHERS.sub("-", plain.lower()).strip("-")
