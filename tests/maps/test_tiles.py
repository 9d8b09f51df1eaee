"""The background of a map: any template, any provider by name, and what its owner asks for."""

import pytest
from flask import Flask
from pydantic import ValidationError

from app import create_app
from maps.folium_map import skeleton
from maps.tiles import tiles
from settings import Settings
from tests.client import CheckedClient
from web.security import tile_origin


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # of many types


def test_openstreetmap_is_the_background_unless_another_is_set() -> None:
    found = tiles(settings())
    assert found is not None
    assert found.url == "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    assert "https://www.openstreetmap.org/copyright" in found.attribution
    assert found.max_zoom == 19
    assert tiles(settings(tile_url="")) is None


def test_what_an_operator_writes_is_text() -> None:
    found = tiles(settings(tile_attribution="<b>Ours</b>", tile_attribution_url=""))
    assert found is not None
    assert found.attribution == "&lt;b&gt;Ours&lt;/b&gt;"


@pytest.mark.parametrize("name", ["OpenTopoMap", "opentopomap", "Esri.WorldStreetMap", "OpenStreetMap.HOT"])
def test_a_provider_may_be_named(name: str) -> None:
    found = tiles(settings(tile_url=name))
    assert found is not None
    assert all(part in found.url for part in ("{z}", "{x}", "{y}"))
    assert "{variant}" not in found.url
    assert found.attribution
    assert "OpenStreetMap contributors" not in name
    assert tile_origin(found.url).startswith("https://")
    script = skeleton(found)
    assert '"referrerPolicy": "strict-origin-when-cross-origin"' in script
    assert f'"maxZoom": {found.max_zoom}' in script


def test_what_is_set_comes_before_what_is_known_of_a_provider() -> None:
    found = tiles(settings(tile_url="OpenTopoMap", tile_attribution="Ours", tile_max_zoom=12))
    assert found is not None
    assert "Ours" in found.attribution
    assert found.max_zoom == 12


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("Nobody's Tiles", "no provider of tiles is called Nobody's Tiles"),
        ("https://tile.example/", "it needs {z}, {x} and {y}"),
        ("Thunderforest.OpenCycleMap", "asks for a key"),
    ],
)
def test_tiles_that_cannot_be_are_refused_at_the_start(wrong: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("{", r"\{")):
        settings(tile_url=wrong)


def test_the_policy_follows_the_setting(site_settings: Settings) -> None:
    app: Flask = create_app(site_settings.model_copy(update={"tile_url": "OpenTopoMap"}))
    policy = CheckedClient(app).get("/").headers["Content-Security-Policy"]
    app.extensions["engine"].dispose()
    assert "img-src 'self' data: https://*.tile.opentopomap.org;" in policy


def test_without_a_background_the_skeleton_has_none() -> None:
    script = skeleton(None)
    assert "tileLayer" not in script
    assert "L.map(" in script
