"""What the gazetteer found, as plain data for the API and for the command."""

from dataclasses import asdict
from typing import Any

from gazetteer.locate import Located, Unlocated


def answer(result: Located | Unlocated) -> dict[str, Any]:
    """A JSON object: `found` says which of the two it is; the other keys are the fields of that one.

    Coordinates are WGS 84 degrees, `radius_m` metres; absent values are null.
    """
    return {"found": isinstance(result, Located)} | asdict(result)
