"""What every answer has: headers, routes, error pages, static files, health."""

import os
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from database.engine import connect
from database.ready import check_current
from tests.client import CheckedClient
from web import assets
from web.assets import asset
from web.security import policy, tile_origin

ROUTES = {
    "/": {"GET"},
    "/discover": {"GET"},
    "/discover.atom": {"GET"},
    "/discover.csv": {"GET"},
    "/discover.ics": {"GET"},
    "/discover/anywhere": {"GET"},
    "/discover/map": {"GET"},
    "/badges": {"GET"},
    "/badges/<slug>": {"GET"},
    "/discover/map.js": {"GET"},
    "/discover/pins": {"GET"},
    "/discover/pins/at": {"GET"},
    "/opportunities/<int(max=2147483647):opportunity_id>-<slug>": {"GET"},
    "/opportunities/<int(max=2147483647):opportunity_id>-<slug>.ics": {"GET"},
    "/pathways": {"GET"},
    "/pathways/<slug>": {"GET"},
    "/pathways/<slug>/coverage": {"GET"},
    "/pathways/<slug>/coverage.csv": {"GET"},
    "/pathways/<slug>/tick": {"POST"},
    "/progress": {"GET"},
    "/progress/delete": {"GET", "POST"},
    "/progress/keep": {"POST"},
    "/progress/link/<path:key>": {"GET"},
    "/sources": {"GET"},
    "/sources/template.csv": {"GET"},
    "/sources/template.xlsx": {"GET"},
    "/start-again": {"GET", "POST"},
    "/shortlist": {"GET"},
    "/shortlist/paper": {"GET"},
    "/shortlist/compare": {"GET"},
    "/shortlist.pdf": {"GET"},
    "/shortlist/<key>": {"GET"},
    "/shortlist/<key>.pdf": {"GET"},
    "/shortlist/add": {"POST"},
    "/shortlist/remove": {"POST"},
    "/shortlist/undo": {"POST"},
    "/shortlist/move": {"POST"},
    "/shortlist/note": {"POST"},
    "/shortlist/title": {"POST"},
    "/shortlist/new": {"POST"},
    "/shortlist/switch": {"POST"},
    "/shortlist/clear": {"POST"},
    "/shortlist/link": {"POST"},
    "/shortlist/copy": {"POST"},
    "/places/<slug>": {"GET"},
    "/providers/<slug>": {"GET"},
    "/api/v1/geocode": {"GET"},
    "/api/v1/openapi.json": {"GET"},
    "/api/v1/opportunities": {"GET"},
    "/api/v1/pathways": {"GET"},
    "/api/v1/pathways/<slug>": {"GET"},
    "/api/v1/pathways/<slug>.jsonld": {"GET"},
    "/api/v1/rpde/opportunities": {"GET"},
    "/embed.js": {"GET"},
    "/embed-<int:version>.js": {"GET"},
    "/pathways/<slug>/embed": {"GET"},
    "/embed/pathways/<slug>": {"GET"},
    "/embed/opportunities": {"GET"},
    "/embed/search": {"GET"},
    "/embed/go/search": {"GET"},
    "/embed/go/<any(pathway,opportunity,provider):kind>/<int(max=2147483647):number>": {"GET"},
    "/oembed": {"GET"},
    "/robots.txt": {"GET"},
    "/sitemap.xml": {"GET"},
    "/sitemap-pages.xml": {"GET"},
    "/sitemap-<any(pathways,badges,providers,opportunities):section>-<int(max=214748):number>.xml": {"GET"},
    "/healthz": {"GET"},
    "/readyz": {"GET"},
}


def test_every_route_is_declared_here(site: Flask) -> None:
    found: dict[str, set[str]] = {}
    for rule in site.url_map.iter_rules():
        found.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    assert found == ROUTES


@pytest.mark.parametrize("path", ["/", "/discover?near=PL1", "/nothing-here", "/healthz"])
def test_every_answer_keeps_to_itself(client: CheckedClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_policy_lets_in_the_tiles_that_are_set_and_nothing_else() -> None:
    assert tile_origin("https://{s}.tiles.example/{z}/{x}/{y}.png?key=1") == "https://*.tiles.example"
    assert tile_origin("//tiles.example/{z}.png") == "https://tiles.example"
    assert tile_origin("/tiles/{z}/{x}/{y}.png") == tile_origin("") == ""
    assert "img-src 'self' data:;" in policy("")
    assert "img-src 'self' data: https://a.example;" in policy("https://a.example")


def test_a_page_that_is_not_there_says_what_to_do(client: CheckedClient) -> None:
    page = client.get("/nothing-here")
    assert page.status == 404
    assert "Start from your postcode" in page.text


def test_a_failure_is_a_page_and_not_a_trace(
    site: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise RuntimeError("a secret detail")

    monkeypatch.setitem(site.view_functions, "discover.front", fails)
    page = client.get("/")
    assert page.status == 500
    assert "Something went wrong on our side" in page.text
    assert "secret" not in page.text


def test_static_files_may_be_kept_for_good_under_an_address_of_their_own(client: CheckedClient) -> None:
    links = [link.get("href") or "" for link in client.get("/").all(".//link[@rel='stylesheet']")]
    assert links
    for address in links:
        assert "?v=" in address
        answer = client.get(address)
        assert answer.status == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_and_static_files_go_out_compressed(site: Flask, encoding: str) -> None:
    client = site.test_client()
    for path in ("/discover?near=PL1+2AA", asset("vendor/htmx.min.js")):
        with client.get(path, headers={"Accept-Encoding": encoding}) as small, client.get(path) as whole:
            assert small.headers["Content-Encoding"] == encoding
            assert "Accept-Encoding" in small.headers["Vary"]
            assert len(small.data) < len(whole.data) / 2


def test_a_compressed_file_that_is_out_of_date_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr(assets, "VENDORED", ())
    source, compressed = tmp_path / "page.css", tmp_path / "page.css.br"
    source.write_text("a")
    compressed.write_text("b")
    os.utime(source, (1_000, 1_000))
    assets.check()
    os.utime(compressed, (500, 500))
    with pytest.raises(assets.AssetsMissing, match="older than what it was made from: run `make setup`"):
        assets.check()


def test_health(client: CheckedClient) -> None:
    assert client.get("/healthz").status == 200
    assert client.get("/readyz").status == 200


def test_not_ready_without_a_database_and_still_alive(
    site: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = connect("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    monkeypatch.setitem(site.extensions, "checks", [partial(check_current, gone)])
    answer = client.get("/readyz")
    assert answer.status == 503
    assert "127.0.0.1" not in answer.text
    assert client.get("/healthz").status == 200
