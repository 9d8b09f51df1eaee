"""The PDF of a list: one or two pages, everything in it, tagged, and nothing fetched for it."""

import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import delete, select

from catalogue.models import Opportunity
from catalogue.shortlist_models import ShortlistOwner
from database.session import session
from settings import ROOT
from shortlists.pdf import pdf
from tests.client import CheckedClient

MARKUP = '<b>bold</b> ${7*7} <img src="file:///etc/passwd">'
STEP = "step:cook-for-a-living:feed-a-crowd"


@pytest.fixture(autouse=True)
def _nothing_left(site: Flask) -> Iterator[None]:
    yield
    with site.app_context():
        session().execute(delete(ShortlistOwner))
        session().commit()


def read(site: Flask, client: CheckedClient, path: str) -> PdfReader:
    key = client.cookie("shortlist") or ""
    asking = site.test_client()
    asking.set_cookie("shortlist", key)
    with asking.get(path) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Cache-Control"] in ("no-store", "private, no-store")
        return PdfReader(io.BytesIO(answer.data))


def text(read_pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in read_pdf.pages).split())


@pytest.fixture
def six(site: Flask, client: CheckedClient) -> list[Opportunity]:
    """Five opportunities near Plymouth, which are on the client's list with a step."""
    with site.app_context():
        found = list(
            session().scalars(select(Opportunity).where(Opportunity.reach == "venue").order_by(Opportunity.id).limit(5))
        )
    for each in found:
        client.post("/shortlist/add", data={"item": f"opportunity:{each.id}"})
    client.post("/shortlist/add", data={"item": STEP})
    client.post("/shortlist/note", data={"item": STEP, "note": MARKUP})
    return found


def test_the_paper_has_everything(site: Flask, client: CheckedClient, six: list[Opportunity]) -> None:
    made = read(site, client, "/shortlist.pdf?near=PL1+2AA")
    said = text(made)
    assert 1 <= len(made.pages) <= 2
    assert [round(float(size)) for size in made.pages[0].mediabox[2:]] == [595, 842]  # A4
    for each in six:
        assert each.title.split()[0] in said
    for word in ("When", "Where", "Cost", "How to join", "How far", "Checked", "looked up on", "Distances are from"):
        assert word in said
    assert "miles from PL1 2AA" in said
    assert "/shortlist/" in said
    assert "Feed a crowd" in said
    assert '<b>bold</b> ${7*7} <img src="file:///etc/passwd">' in said
    assert "root:" not in said


def test_it_can_be_read_aloud(site: Flask, client: CheckedClient, six: list[Opportunity]) -> None:
    made = read(site, client, "/shortlist.pdf?near=PL1+2AA")
    root: Any = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert made.metadata is not None
    assert made.metadata.title == "My shortlist"
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    figures = [each for each in tagged(root["/StructTreeRoot"]) if each["/S"] == "/Figure"]
    # The square and the map.
    assert [str(each["/Alt"])[:5] for each in figures] == ["The l", "A map"]
    roles = {str(each["/S"]) for each in tagged(root["/StructTreeRoot"])}
    assert {"/H1", "/H2", "/L", "/LI", "/Figure"} <= roles


def tagged(element: Any) -> Iterator[dict[str, Any]]:
    """The structure elements of a tagged PDF, in order."""
    found = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(found, list):
        for each in found:
            yield from tagged(each)
    elif isinstance(found, dict):
        if "/S" in found:
            yield found
        if "/K" in found:
            yield from tagged(found["/K"])


def test_others_get_the_same_paper(site: Flask, client: CheckedClient, six: list[Opportunity]) -> None:
    page = client.get("/shortlist")
    (address,) = page.texts(".//section[@id='hand-over']//p[@class='hint address']")
    path = address.removeprefix("http://localhost")
    mine, theirs = (text(read(site, client, each)) for each in ("/shortlist.pdf", f"{path}.pdf"))
    assert mine == theirs
    client.post("/shortlist/link", data={"link": "none"})
    assert "/shortlist/" not in text(read(site, client, "/shortlist.pdf"))


def test_without_a_list_there_is_no_paper(client: CheckedClient) -> None:
    answer = client.get("/shortlist.pdf")
    assert (answer.status, answer.headers["Location"]) == (303, "/shortlist")


def test_nothing_is_fetched(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>')
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        asked = (f"http://127.0.0.1:{listening.getsockname()[1]}/x.png", picture.as_uri())
        made = pdf('<html lang="en"><title>T</title>' + "".join(f'<img alt="x" src="{each}">' for each in asked))
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert "secret" not in text(PdfReader(io.BytesIO(made)))


def test_it_is_loaded_only_when_it_is_asked_for() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import app, sys; print('weasyprint' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert loaded.stdout.strip() == "False"
