"""Places that have a page: every town and city that the gazetteer knows by name."""

from catalogue.slugs import slug_of
from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Table


def place_of(table: Table, slug: str) -> Located | None:
    """The place with this slug: the largest of those that share a name. None if there is none.

    One that is called so comes before a larger one that is only known so too: High Barnet before Barnet.
    """
    found = locate(table, slug.replace("-", " "))
    if not isinstance(found, Located) or found.precision is not Precision.PLACE:
        return None
    # Places' names are never put right: what differs is another name of the same place.
    namesakes = [name for name in found.alternatives if slug_of(name.partition(",")[0]) == slug_of(slug)]
    return place_of(table, slug_of(namesakes[0])) if found.corrected_from and namesakes else found
