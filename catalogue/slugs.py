"""Names as they stand in addresses."""

import unicodedata


def slug_of(name: str) -> str:
    """A name as it stands in an address: `brighton-and-hove`, `ynys-mon`."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "").replace("'", "")).encode("ascii", "ignore").decode()
    return "-".join("".join(character if character.isalnum() else " " for character in plain.lower()).split())
