"""How place names are compared: without case, accents, punctuation, or the choice of "Saint" or "St"."""

import re
import unicodedata


def key(name: str) -> str:
    """What two spellings of one name share: `St. Ives`, `saint ives` and `ST IVES` give `st ives`."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"['’`]", "", plain).replace("&", " and ")
    words = re.sub(r"[\W_]+", " ", plain).split()
    return " ".join("st" if word == "saint" else word for word in words)
