"""A search as a table for spreadsheets."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.queries import Card
from discover import feeds
from discover.table import BYTE_ORDER_MARK, COLUMNS, csv_of
from gazetteer.locate import Located, Precision
from settings import ROOT
from tests.catalogue.factories import opportunity, provider, venue
from tests.client import Answer, CheckedClient

NEAR = "near=PL1+2AA"
HERE = Located(50.37, -4.14, "PL1 2AA", Precision.UNIT)


def read(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.text.startswith(BYTE_ORDER_MARK)
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix(BYTE_ORDER_MARK), newline="")))
    assert all(tuple(row) == COLUMNS for row in rows)
    return rows


@pytest.mark.parametrize("query", ["", "&kind=job&within=any", "&sort=soonest", "&q=learn&within=any", "&free=1"])
def test_it_has_what_the_page_lists_in_its_order(client: CheckedClient, query: str) -> None:
    rows = read(client.get(f"/discover.csv?{NEAR}{query}"))
    page = client.get(f"/discover?{NEAR}{query or '&sort=distance'}")
    titles = page.texts(".//ol[@id='hits']/li//h3/a")
    assert [row["title"] for row in rows][: len(titles)] == titles != []
    for row in rows[:3]:
        assert client.get(row["url"].removeprefix("http://localhost")).status == 200
        assert float(row["distance_miles"]) >= 0
        assert 49 < float(row["latitude"]) < 61


def test_it_is_saved_and_not_shown(client: CheckedClient) -> None:
    headers = client.get(f"/discover.csv?{NEAR}").headers
    assert headers["Content-Disposition"] == "attachment; filename=doorstep.csv"
    assert headers["X-Robots-Tag"] == "noindex"


def test_it_is_bounded_and_has_no_pages(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ROWS", 3)
    first = read(client.get(f"/discover.csv?{NEAR}&within=any"))
    assert len(first) == 3
    assert read(client.get(f"/discover.csv?{NEAR}&within=any&page=4")) == first


AWKWARD = ["=1+1", "+44 1752 000000", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x.example")']


@pytest.mark.parametrize("text", AWKWARD)
def test_what_a_provider_wrote_is_never_a_formula(session: Session, site: Flask, text: str) -> None:
    one = opportunity(
        venue(50.37, -4.14, name=text), title=text, summary=text, cost_note=text, provider=provider(name=text)
    )
    session.add(one)
    session.flush()
    with site.test_request_context():
        made = csv_of([Card(one, None, one.venues[0], 0.0)], HERE)
    (row,) = csv.DictReader(io.StringIO(made.removeprefix(BYTE_ORDER_MARK), newline=""))
    for name in ("title", "summary", "provider", "venue", "cost_note"):
        assert row[name].startswith("'")
        assert row[name][1] in "=+-@＝"
    # Our own numbers stay numbers.
    assert (row["longitude"], row["distance_miles"]) == ("-4.14", "0.0")


def test_quotes_commas_lines_and_every_letter_survive(session: Session, site: Flask) -> None:
    one = opportunity(title='Say "yes", Siân\nand 🦭 \x07 go', cost_pence=750, age_min=16)
    session.add(one)
    session.flush()
    with site.test_request_context():
        made = csv_of([Card(one, None)], HERE)
    (row,) = csv.DictReader(io.StringIO(made.removeprefix(BYTE_ORDER_MARK), newline=""))
    assert row["title"] == 'Say "yes", Siân and 🦭 go'
    assert (row["cost_pounds"], row["age_min"], row["age_max"], row["venue"]) == ("7.50", "16", "", "")


def test_a_bad_parameter_is_said_and_there_is_no_table(client: CheckedClient) -> None:
    answer = client.get(f"/discover.csv?{NEAR}&kind=nonsense")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "We do not know “nonsense”" in answer.text


def test_results_lead_to_it_in_their_own_order_and_say_roughly_where(client: CheckedClient) -> None:
    page = client.get(f"/discover?{NEAR}&kind=job&sort=soonest")
    (link,) = [each for each in page.all(".//div[@class='follow']//a") if each.get("type") == "text/csv"]
    assert link.get("href") == "/discover.csv?near=PL1&kind=job&sort=soonest"
    assert read(client.get(link.get("href") or ""))


def test_every_column_is_explained() -> None:
    said = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"| `{name}` |" not in said] == []
