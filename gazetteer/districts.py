"""From a text to the postcode districts that it stands for."""

from gazetteer.locate import Located, Precision, Unlocated, locate
from gazetteer.table import Table


def districts(table: Table, text: str) -> list[Located] | Unlocated:
    """The postcode districts of a postcode or a part of one, of an area such as `PL`, or of a town.

    A town's are those whose middles lie as near as the town may reach by its population, the
    nearest first: an estimate. Never raises for any text.
    """
    found = locate(table, text)
    if isinstance(found, Unlocated):
        return found
    located = [locate(table, code) for code in _codes(table, found)]
    return [each for each in located if isinstance(each, Located)]


def _codes(table: Table, found: Located) -> list[str]:
    if found.precision is Precision.AREA:
        return table.districts_of(found.label)
    if found.precision is Precision.PLACE:
        nearest = table.nearest_district(found.latitude, found.longitude)
        around = table.districts_around(found.latitude, found.longitude, found.radius_m)
        return around or ([nearest] if nearest else [])
    return [found.label.split(" ")[0]]
