"""Shortlists on the pages, without JavaScript: adding, order, notes, several lists, the link, a copy, clearing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalogue.models import Opportunity, now
from catalogue.shortlist_models import Shortlist, ShortlistItem, ShortlistOwner
from catalogue.shortlists import MAX_ITEMS, MAX_LISTS
from database.session import session
from shortlists import mine
from shortlists.mine import MOST_GUESSES
from tests.catalogue.pathways import counting
from tests.client import HTMX, Answer, CheckedClient, parse, text_of
from web.rates import Rate

PATHWAY = "pathway:cook-for-a-living"
STEP = "step:cook-for-a-living:feed-a-crowd"
NO_KEY = "0" * 32
RUBBISH = ("", "x", NO_KEY[:-1], NO_KEY + "0", "x" * 10_000, "'--", "<script>", "%00", "🚪", "${7*7}")
MARKUP = "<b>bold</b> ${7*7} {{ 7*7 }} &amp; <script>alert(1)</script>"


def forget_all(site: Flask) -> None:
    """Make the tables empty: the browser tests' site shares them, and leaves some rows."""
    with site.app_context():
        session().execute(delete(ShortlistOwner))
        session().commit()


@pytest.fixture(autouse=True)
def _nothing_left(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mine, "guesses", Rate(MOST_GUESSES))
    monkeypatch.setattr(mine, "cookie_guesses", Rate(MOST_GUESSES))
    forget_all(site)
    yield
    forget_all(site)


@pytest.fixture
def rows(site: Flask) -> Iterator[Session]:
    with site.app_context():
        yield session()


@pytest.fixture
def other(site: Flask) -> CheckedClient:
    """A second device."""
    return CheckedClient(site)


@pytest.fixture
def some(rows: Session) -> list[str]:
    """Six opportunities, as forms write them."""
    ids = rows.scalars(select(Opportunity.id).order_by(Opportunity.id).limit(6))
    return [f"opportunity:{number}" for number in ids]


def add(client: CheckedClient, *things: str, **options: object) -> Answer:
    answers = [client.post("/shortlist/add", data={"item": each}, **options) for each in things]
    return answers[-1]


def on(page: Answer) -> list[str]:
    return [each.get("data-item") or "" for each in page.all(".//ol[@class='mine']/li")]


def link_of(page: Answer) -> str:
    (address,) = page.texts(".//section[@id='hand-over']//p[@class='hint address']")
    return urlsplit(address).path


def list_of(page: Answer) -> str:
    (number,) = {each.get("value") or "" for each in page.all(".//input[@name='list']")}
    return number


def referred(path: str) -> dict[str, str]:
    return {"Referer": f"http://localhost{path}"}


def test_without_a_list_there_is_no_cookie_no_link_and_no_statement(site: Flask, client: CheckedClient) -> None:
    with counting(site.extensions["engine"]) as statements:
        page = client.get("/discover?near=PL1+2AA")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in page.headers["Vary"]
    assert not page.all(".//a[@id='shortlist-link']")
    assert page.all(".//form[@class='keep']")
    assert not [each for each in statements if "shortlist" in each]


def test_the_first_addition_sets_the_cookie_and_leads_back(client: CheckedClient, some: list[str]) -> None:
    back = "/discover?near=PL1+2AA&kind=job"
    answer = add(client, some[0], headers=referred(back))
    assert answer.status == 303
    assert answer.headers["Location"] == f"{back}#keep-{some[0].replace(':', '-')}"
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("shortlist=", "Max-Age=7776000", "HttpOnly", "Path=/", "SameSite=Lax"))


@pytest.mark.parametrize("referrer", ["", "https://evil.example//evil.example/x", "http://localhost/shortlist/link"])
def test_who_does_not_say_from_where_is_led_to_the_list(client: CheckedClient, some: list[str], referrer: str) -> None:
    answer = add(client, some[0], headers={"Referer": referrer} if referrer else {})
    assert answer.headers["Location"].startswith("/shortlist")


def test_then_every_page_says_so_with_one_statement(site: Flask, client: CheckedClient, some: list[str]) -> None:
    add(client, *some[:2], PATHWAY, STEP)
    with counting(site.extensions["engine"]) as statements:
        page = client.get("/pathways/cook-for-a-living?near=PL1+2AA")
    assert len([each for each in statements if "shortlist" in each]) == 1
    assert page.headers["Cache-Control"] == "private, no-store"
    (link,) = page.all(".//a[@id='shortlist-link']")
    assert (text_of(link), link.get("href")) == ("Shortlist (4)", "/shortlist?near=PL1+2AA")
    labels = {button.get("aria-label") for button in page.all(".//form[@class='keep on']/button")}
    assert labels == {"On your list: Cook for a living. Take it off", "On your list: Feed a crowd. Take it off"}


def test_adding_twice_is_harmless_and_says_so(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    answer = add(client, some[0], headers=referred("/discover?near=PL1+2AA"))
    page = client.get(answer.headers["Location"])
    assert "on your list already" in page.text
    assert on(page) == some[:1]


def test_for_the_script_the_answer_is_the_button_the_link_and_a_sentence(
    client: CheckedClient, some: list[str]
) -> None:
    answer = add(client, some[0], headers=HTMX | referred("/discover?near=PL1+2AA"))
    assert answer.status == 200
    tree = parse(answer.text)
    (form,) = tree.findall(".//form")
    assert (form.get("class"), form.get("action"), form.get("data-keep")) == ("keep on", "/shortlist/remove", some[0])
    (link,) = tree.findall(".//a[@id='shortlist-link']")
    assert (text_of(link), link.get("href")) == ("Shortlist (1)", "/shortlist?near=PL1+2AA")
    gone = client.post("/shortlist/remove", data={"item": some[0]}, headers=HTMX)
    assert "Shortlist <b>(0)</b>" in gone.text
    assert 'class="keep"' in gone.text


def test_the_list_shows_what_is_on_it_and_how_far(client: CheckedClient, rows: Session) -> None:
    found = rows.scalars(select(Opportunity).where(Opportunity.reach == "venue").limit(1)).one()
    add(client, f"opportunity:{found.id}", PATHWAY, STEP)
    page = client.get("/shortlist?near=PL1+2AA")
    assert on(page) == [f"opportunity:{found.id}", PATHWAY, STEP]
    assert found.title in page.text
    assert "from PL1 2AA" in page.text
    assert "Step 4 of 5 of the pathway “Cook for a living”" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "private, no-store"


def test_what_is_taken_off_can_be_brought_back(client: CheckedClient, some: list[str]) -> None:
    add(client, *some[:3])
    answer = client.post("/shortlist/remove", data={"item": some[1]}, headers=referred("/shortlist?near=PL1"))
    assert answer.headers["Location"].startswith("/shortlist?near=PL1&after=removed")
    page = client.get(answer.headers["Location"])
    assert on(page) == [some[0], some[2]]
    assert "Taken off:" in page.text
    assert not client.get("/shortlist").all(".//form[@class='undo message good']")
    client.post("/shortlist/undo")
    assert on(client.get("/shortlist")) == some[:3]


def test_things_move_up_and_down(client: CheckedClient, some: list[str]) -> None:
    add(client, *some[:3])
    assert client.post("/shortlist/move", data={"item": some[2], "to": "1"}).status == 303
    assert on(client.get("/shortlist")) == [some[2], some[0], some[1]]
    for bad in ({"item": some[0], "to": "x"}, {"item": "", "to": "1"}, {"item": some[0], "to": "٣"}, {}):
        assert client.post("/shortlist/move", data=bad).status == 400


def test_a_note_is_text_and_nothing_else(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    client.post("/shortlist/note", data={"item": some[0], "note": f"{MARKUP}\r\n\0second\x07 line"})
    for path in ("/shortlist", "/shortlist/paper"):
        page = client.get(path)
        assert "&lt;b&gt;bold&lt;/b&gt; ${7*7} {{ 7*7 }} &amp;amp;" in page.text
        assert "<script>alert" not in page.text
    (note,) = client.get("/shortlist").all(".//p[@class='own-note']")
    assert note.text == f"{MARKUP}\nsecond line"


def test_a_note_that_is_too_long_can_be_shortened(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    client.post("/shortlist/note", data={"item": some[0], "note": "x\r\n" * 250})  # 500 as a browser counts
    page = client.post("/shortlist/note", data={"item": some[0], "note": "y" * 501})
    assert page.status == 400
    assert "A note can have 500 characters" in page.text
    assert page.all(".//textarea")[0].text == "y" * 501
    assert "x\nx" in client.get("/shortlist").text


@pytest.mark.parametrize("size", [400_000, 1_000_000, 5_000_000])
def test_a_note_of_a_megabyte_is_refused_and_nothing_is_lost(client: CheckedClient, some: list[str], size: int) -> None:
    add(client, some[0])
    client.post("/shortlist/note", data={"item": some[0], "note": "kept"})
    page = client.post("/shortlist/note", data={"item": some[0], "note": "y" * size})
    assert page.status in (400, 413)
    assert "A note can have 500 characters" in page.text
    assert len(page.text) < 20_000
    assert "kept" in client.get("/shortlist").text


def test_a_title_is_asked_for_without_names_and_cut(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    assert "Please do not put names here" in client.get("/shortlist").text
    client.post("/shortlist/title", data={"title": "  Ideas\nfor <b>spring</b>\0" + "x" * 100})
    (title,) = client.get("/shortlist").texts(".//h1")
    assert title == ("Ideas for <b>spring</b>" + "x" * 100)[:60]
    client.post("/shortlist/title", data={"title": " "})
    assert client.get("/shortlist").texts(".//h1") == ["My shortlist"]


def test_several_lists_stand_side_by_side(client: CheckedClient, some: list[str]) -> None:
    add(client, *some[:2])
    client.post("/shortlist/new")
    assert on(client.get("/shortlist")) == []
    add(client, some[2])
    page = client.get("/shortlist")
    assert page.texts(".//form[@class='lists']//button") == ["My shortlist (2)", "Shortlist 2 (1)"]
    (first, _) = page.all(".//form[@class='lists']//button")
    client.post("/shortlist/switch", data={"list": first.get("value")})
    assert on(client.get("/shortlist")) == some[:2]


def test_what_is_done_in_one_window_is_done_to_the_list_that_it_shows(client: CheckedClient, some: list[str]) -> None:
    add(client, *some[:2])
    first = list_of(client.get("/shortlist"))
    client.post("/shortlist/new")
    add(client, some[2])
    second = client.get("/shortlist")
    link = link_of(second)
    for path, values in (
        ("note", {"item": some[0], "note": "Ask Tom"}),
        ("move", {"item": some[1], "to": "1"}),
        ("title", {"title": "Ideas"}),
        ("link", {"link": "none"}),
        ("remove", {"item": some[1]}),
        ("undo", {}),
    ):
        assert client.post(f"/shortlist/{path}", data={"list": first} | values).status == 303
        # The window goes on with its own list, which has another number with another link.
        page = client.get("/shortlist")
        assert set(on(page)) <= set(some[:2])
        assert (list_of(page) == first) == (path != "link")
        first = list_of(page)
    page = client.get("/shortlist")
    assert on(page) == [some[1], some[0]]
    assert "Ask Tom" in page.text
    assert client.get(link).status == 200
    client.post("/shortlist/clear", data={"list": first, "which": "one"})
    page = client.get("/shortlist")
    assert (on(page), list_of(page)) == ([some[2]], list_of(second))


def test_a_window_whose_list_was_cleared_changes_no_other(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    client.post("/shortlist/new")
    add(client, some[1])
    gone = list_of(client.get("/shortlist"))
    client.post("/shortlist/clear", data={"list": gone})
    for path in ("note", "move", "title", "link", "remove", "undo", "clear"):
        page = client.post(f"/shortlist/{path}", data={"list": gone, "item": some[0], "to": "1", "note": MARKUP})
        assert (page.status, "That list has changed in another window" in page.text) == (404, True)
        # Nothing that was written is lost.
        assert page.texts(".//p[@class='own-note']") == [MARKUP]
    page = client.get("/shortlist")
    assert (on(page), page.texts(".//h1"), page.texts(".//p[@class='own-note']")) == (some[:1], ["My shortlist"], [])


def test_a_list_begun_after_one_was_cleared_is_another(client: CheckedClient, some: list[str]) -> None:
    # On SQLite the id of the newest is given again.
    add(client, some[0])
    client.post("/shortlist/new")
    gone = list_of(client.get("/shortlist"))
    client.post("/shortlist/clear", data={"list": gone})
    client.post("/shortlist/new")
    add(client, some[1])
    for path in ("clear", "title", "remove"):
        assert client.post(f"/shortlist/{path}", data={"list": gone, "item": some[1]}).status == 404
    assert on(client.get("/shortlist")) == [some[1]]


def test_of_several_lists_the_head_of_every_page_names_the_one_that_is_added_to(client: CheckedClient) -> None:
    client.post("/shortlist/add", data={"item": PATHWAY})
    client.post("/shortlist/new")
    (link,) = client.get("/pathways").all(".//a[@id='shortlist-link']")
    assert text_of(link) == "Shortlist: Shortlist 2 (0)"
    answer = client.post("/shortlist/add", data={"item": STEP}, headers=HTMX)
    (link,) = parse(answer.text).findall(".//a[@id='shortlist-link']")
    assert text_of(link) == "Shortlist: Shortlist 2 (1)"


def test_nobody_gets_at_anothers_list(client: CheckedClient, other: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    client.post("/shortlist/new")
    theirs = client.get("/shortlist").all(".//form[@class='lists']//button")[0].get("value")
    add(other, some[1])
    other.post("/shortlist/switch", data={"list": theirs})
    assert on(other.get("/shortlist")) == [some[1]]
    for bad in ("", "x", "-1", "9" * 30):
        assert other.post("/shortlist/switch", data={"list": bad}).status == 303


def test_clearing_one_leaves_the_others_and_clearing_all_leaves_nothing(
    client: CheckedClient, rows: Session, some: list[str]
) -> None:
    add(client, some[0])
    client.post("/shortlist/new")
    add(client, some[1])
    gone = link_of(client.get("/shortlist"))
    client.post("/shortlist/clear", data={"which": "one"})
    assert on(client.get("/shortlist")) == [some[0]]
    assert client.get(gone).status == 404
    answer = client.post("/shortlist/clear", data={"which": "all"})
    page = client.get(answer.headers["Location"])
    assert "All lists are gone for good" in page.text
    assert client.cookie("shortlist") is None
    assert [rows.scalar(select(func.count()).select_from(each)) for each in (ShortlistOwner, ShortlistItem)] == [0, 0]


def test_clearing_the_only_list_takes_the_cookie_too(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    client.post("/shortlist/clear", data={"which": "one"})
    assert client.cookie("shortlist") is None


def test_a_link_shows_the_list_from_a_place_of_ones_own(
    client: CheckedClient, other: CheckedClient, rows: Session
) -> None:
    found = rows.scalars(select(Opportunity).where(Opportunity.reach == "venue").limit(1)).one()
    add(client, f"opportunity:{found.id}", STEP)
    client.post("/shortlist/note", data={"item": STEP, "note": "Ask at the church hall"})
    link = link_of(client.get("/shortlist"))
    page = other.get(f"{link}?near=LS1+3BE")
    assert page.status == 200
    assert "from LS1 3BE" in page.text
    assert found.title in page.text
    assert "Ask at the church hall" in page.text
    assert "Set-Cookie" not in page.headers
    assert other.cookie("shortlist") is None
    for name, value in (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")):
        assert page.headers[name] == value
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert not page.all(".//textarea")
    key = link.rpartition("/")[2]
    assert len(bytes.fromhex(key)) == 16
    assert key != client.cookie("shortlist")
    assert "Did you mean" in other.get(f"{link}?near=Newport").text or other.get(f"{link}?near=Newport").status == 200


def test_the_database_holds_neither_key(client: CheckedClient, rows: Session, some: list[str]) -> None:
    add(client, some[0])
    secrets = {client.cookie("shortlist"), link_of(client.get("/shortlist")).rpartition("/")[2]}
    kept = {
        str(value)
        for table in (ShortlistOwner, Shortlist)
        for row in rows.scalars(select(table))
        for value in vars(row).values()
    }
    assert not kept & secrets


def test_a_revoked_link_leads_nowhere_and_a_new_one_is_another(
    client: CheckedClient, other: CheckedClient, some: list[str]
) -> None:
    add(client, some[0])
    first = link_of(client.get("/shortlist"))
    client.post("/shortlist/link", data={"link": "none"})
    assert "This list has no link just now." in client.get("/shortlist").text
    gone = other.get(first)
    assert gone.status == 404
    assert "This link leads to no list" in gone.text
    client.post("/shortlist/link", data={"link": "new"})
    second = link_of(client.get("/shortlist"))
    assert second != first
    assert other.get(second).status == 200
    assert other.get(first).status == 404


def test_a_copy_is_ones_own(client: CheckedClient, other: CheckedClient, some: list[str]) -> None:
    add(client, *some[:2])
    client.post("/shortlist/note", data={"item": some[0], "note": "Bring boots"})
    link = link_of(client.get("/shortlist"))
    (button,) = [each for each in other.get(link).all(".//button") if text_of(each) == "Take a copy"]
    answer = other.post("/shortlist/copy", data={"key": button.get("value")})
    page = other.get(answer.headers["Location"])
    assert on(page) == some[:2]
    assert "Bring boots" in page.text
    assert link_of(page) != link
    other.post("/shortlist/remove", data={"item": some[0]})
    assert on(client.get("/shortlist")) == some[:2]
    add(other, some[3])
    other.post("/shortlist/copy", data={"key": button.get("value")})
    assert len(other.get("/shortlist").all(".//form[@class='lists']//button")) == 2


def test_a_full_list_says_so_and_loses_nothing(client: CheckedClient, rows: Session) -> None:
    ids = rows.scalars(select(Opportunity.id).order_by(Opportunity.id).limit(MAX_ITEMS + 1)).all()
    add(client, *(f"opportunity:{number}" for number in ids[:-1]))
    page = add(client, f"opportunity:{ids[-1]}")
    assert page.status == 409
    assert "A list holds 50 things" in page.text
    assert len(on(client.get("/shortlist"))) == MAX_ITEMS
    assert rows.scalar(select(func.count()).select_from(ShortlistItem)) == MAX_ITEMS


def test_ten_thousand_things_in_one_form_are_one(client: CheckedClient, some: list[str]) -> None:
    body = "&".join(f"item=opportunity:{number}" for number in range(1, 10_001))
    answer = client.post("/shortlist/add", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status in (303, 404)
    assert len(on(client.get("/shortlist"))) <= 1


def test_as_many_lists_as_can_be_kept(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    for _ in range(MAX_LISTS - 1):
        client.post("/shortlist/new")
    page = client.post("/shortlist/new")
    assert page.status == 409
    assert "You can have 30 lists" in page.text
    assert len(client.get("/shortlist").all(".//form[@class='lists']//button")) == MAX_LISTS


def test_what_has_ended_or_gone_stays_on_the_list_and_says_so(
    client: CheckedClient, other: CheckedClient, rows: Session, some: list[str]
) -> None:
    add(client, *some[:2], "step:cook-for-a-living:feed-a-crowd", PATHWAY)
    numbers = [int(each.split(":")[1]) for each in some[:2]]
    before = dict(rows.execute(select(Opportunity.id, Opportunity.ends_at).where(Opportunity.id.in_(numbers))).all())
    titles = rows.scalars(select(Opportunity.title).where(Opportunity.id.in_(numbers))).all()
    try:
        for number, days in zip(numbers, (1, 100), strict=True):
            ended = update(Opportunity).where(Opportunity.id == number)
            rows.execute(ended.values(ends_at=now() - timedelta(days=days)))
        rows.execute(
            update(ShortlistItem).where(ShortlistItem.pathway_slug != "").values(pathway_slug="gone", title="T")
        )
        rows.commit()
        page = client.get("/shortlist?near=PL1+2AA")
        link = link_of(page)
        for each in (page, other.get(link), client.get("/shortlist/paper")):
            assert each.text.count("This has ended, so you can no longer join.") == 1
            assert each.text.count("This is not on Doorstep any more.") == 3
            assert all(title in each.text.replace("&#39;", "'") for title in titles)
    finally:
        for number, ends_at in before.items():
            rows.execute(update(Opportunity).where(Opportunity.id == number).values(ends_at=ends_at))
        rows.commit()


def test_what_is_called_otherwise_by_now_says_so(client: CheckedClient, rows: Session, some: list[str]) -> None:
    # A new title; or on SQLite another opportunity under the number of one that was deleted.
    add(client, some[0], STEP)
    client.post("/shortlist/note", data={"item": some[0], "note": "Kept"})
    rows.execute(update(ShortlistItem).where(ShortlistItem.opportunity_id != 0).values(title="Weld <b>a gate</b>"))
    rows.commit()
    page = client.get("/shortlist")
    for each in (page, client.get(link_of(page)), client.get("/shortlist/paper")):
        said = "When it was added it was called “Weld &lt;b&gt;a gate&lt;/b&gt;”."
        assert (each.text.count(said), each.text.count("it was called")) == (1, 1)


@pytest.mark.parametrize("item", ["", "x", "opportunity:0", "opportunity:2147483647", "pathway:none", "step:a:b", "\0"])
def test_what_is_not_there_cannot_be_added(client: CheckedClient, item: str) -> None:
    page = add(client, item)
    assert page.status == 404
    assert "That is not there any more" in page.text
    assert client.cookie("shortlist") is None


@pytest.mark.parametrize("key", [each for each in RUBBISH if len(each) < 4000])
def test_a_cookie_of_rubbish_is_no_list_and_is_taken_away(client: CheckedClient, some: list[str], key: str) -> None:
    client.set_cookie("shortlist", key)
    assert client.get("/discover?near=PL1+2AA").status == 200
    page = client.get("/shortlist")
    assert "There is no list on this device" in page.text
    for path in ("remove", "undo", "title", "link", "clear", "switch"):
        assert client.post(f"/shortlist/{path}", data={"item": some[0]}).status == 303
    assert client.post("/shortlist/note", data={"item": some[0], "note": "x"}).status == 404
    client.set_cookie("shortlist", NO_KEY)
    add(client, some[0])
    # Never under a key that somebody else may have planted.
    assert client.cookie("shortlist") != NO_KEY


@pytest.mark.parametrize("key", [each for each in RUBBISH if each])
def test_a_forged_link_is_a_page_that_says_so(client: CheckedClient, key: str) -> None:
    for path in (f"/shortlist/{key}", f"/shortlist/{key}.pdf"):
        page = client.get(path)
        assert page.status == 404
        assert "noindex" in page.headers["X-Robots-Tag"]
    assert client.post("/shortlist/copy", data={"key": key}).status == 404


def test_guessing_is_slowed_down(client: CheckedClient, some: list[str]) -> None:
    for _ in range(MOST_GUESSES):
        assert client.get(f"/shortlist/{NO_KEY}").status == 404
    page = client.get(f"/shortlist/{NO_KEY}")
    assert page.status == 429
    assert 0 < int(page.headers["Retry-After"]) <= 60
    assert "Wait a minute" in page.text
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/shortlist/{NO_KEY}", environ_overrides=elsewhere).status == 404


def test_where_links_are_guessed_nobody_loses_a_list(
    client: CheckedClient, other: CheckedClient, some: list[str]
) -> None:
    add(client, some[0])
    link = link_of(client.get("/shortlist"))
    for _ in range(MOST_GUESSES):
        other.get(f"/shortlist/{NO_KEY}")
    assert other.get(link).status == 429
    assert other.post("/shortlist/copy", data={"key": link.rpartition("/")[2]}).status == 429
    add(client, some[1])
    assert on(client.get("/shortlist")) == some[:2]


def test_where_cookies_are_guessed_a_right_one_waits_and_stays(client: CheckedClient, other: CheckedClient) -> None:
    add(client, PATHWAY)
    key = client.cookie("shortlist")
    for number in range(MOST_GUESSES):
        other.set_cookie("shortlist", f"{number:032x}")
        # Any page would tell whether it was right.
        assert other.get("/pathways").status == 200
        assert other.cookie("shortlist") is None
    for answer in (client.get("/shortlist"), add(client, STEP), client.post("/shortlist/clear")):
        assert (answer.status, 0 < int(answer.headers["Retry-After"]) <= 60) == (429, True)
        assert "Nothing is lost" in answer.text
    assert client.get("/discover?near=PL1+2AA").status == 200
    assert client.cookie("shortlist") == key
    mine.cookie_guesses = Rate(MOST_GUESSES)
    assert on(client.get("/shortlist")) == [PATHWAY]


def test_another_site_changes_nothing(client: CheckedClient, some: list[str]) -> None:
    for path in ("add", "remove", "clear", "copy", "link"):
        answer = client.post(f"/shortlist/{path}", data={"item": some[0]}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status == 403


def test_embeds_and_the_api_know_nothing_of_it(client: CheckedClient, some: list[str]) -> None:
    add(client, some[0])
    for path in ("/embed/opportunities?near=PL1+2AA", "/embed/pathways/cook-for-a-living", "/api/v1/pathways"):
        answer = client.get(path)
        assert answer.status == 200
        assert not re.search("shortlist", answer.text, re.IGNORECASE)
