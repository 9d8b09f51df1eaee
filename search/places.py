"""Places that have a page: every town and city that the gazetteer knows by name."""

import unicodedata

from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Table


def slug_of(name: str) -> str:
    """A name as it stands in an address: `brighton-and-hove`, `ynys-mon`."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "").replace("'", "")).encode("ascii", "ignore").decode()
    return "-".join("".join(character if character.isalnum() else " " for character in plain.lower()).split())


def place_of(table: Table, slug: str) -> Located | None:
    """The place with this slug: the largest of those that share a name. None if there is none."""
    found = locate(table, slug.replace("-", " "))
    if isinstance(found, Located) and found.precision is Precision.PLACE and not found.corrected_from:
        return found
    return None
