"""Progress on the pages, without JavaScript: ticks, what comes next, the link, deleting, and what does not belong."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from catalogue import pathway_pages, progress, seeds
from catalogue.pathway_models import StepGroup
from catalogue.progress_models import Progress, ProgressTick
from catalogue.standing import standing
from database.session import session
from tests.catalogue import pathways
from tests.catalogue.pathways import counting
from tests.client import HTMX, Answer, CheckedClient, parse, text_of
from web import logs
from web.anonymous_key import hash_of

PATHWAY = "/pathways/cook-for-a-living"
STEPS = (
    "stand-in-a-working-kitchen",
    "cook-something-new-each-week",
    "get-your-food-hygiene-certificate",
    "feed-a-crowd",
    "ask-for-a-trial-shift",
)
NO_KEY = "0" * 32
RUBBISH = ("", "x", NO_KEY[:-1], NO_KEY + "0", "x" * 10_000, "'--", "../../etc", "<script>", "%00", "🚪", "a/b/c")


def forget_all(site: Flask) -> None:
    """Make the tables empty: the browser tests' site shares them, and leaves some rows."""
    with site.app_context():
        session().execute(delete(Progress))
        session().commit()


@pytest.fixture(autouse=True)
def _nothing_left(site: Flask) -> Iterator[None]:
    forget_all(site)
    yield
    forget_all(site)


@pytest.fixture
def other(site: Flask) -> CheckedClient:
    """A second device."""
    return CheckedClient(site)


@pytest.fixture
def rows(site: Flask) -> Iterator[Session]:
    with site.app_context():
        yield session()


def tick(client: CheckedClient, step: str, done: str = "yes", query: str = "", **options: object) -> Answer:
    return client.post(f"{PATHWAY}/tick{query}", data={"step": step, "done": done}, **options)


def line(page: Answer) -> str:
    (found,) = page.texts(".//section[@id='progress']//p[@class='line']")
    return found


def key_of(client: CheckedClient) -> str:
    key = client.cookie("progress")
    assert key is not None
    return key


def kept_under(key: str, rows: Session) -> list[str]:
    """The steps that are ticked off under a key, as the database has them: the site of the browser tests shares it."""
    is_its = (ProgressTick.progress_id == Progress.id, Progress.key_hash == hash_of(key))
    return list(rows.scalars(select(ProgressTick.step_slug).where(*is_its)))


def test_before_the_first_tick_there_is_no_cookie_and_the_page_may_be_kept(client: CheckedClient) -> None:
    page = client.get(PATHWAY)
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert "Cookie" in page.headers["Vary"]
    assert line(page).startswith("Tick off each step when you have done it.")
    (first, *_) = page.all(".//form[@class='tick']/button")
    assert first.get("aria-label") == "Tick off: Stand in a working kitchen"
    assert not page.all(".//form[@class='tick done']")


def test_the_first_tick_sets_the_cookie_and_leads_back_to_its_step(client: CheckedClient) -> None:
    answer = tick(client, STEPS[1], query="?near=PL1+2AA&within=5&within=10&_anchor=x&slug=y&q=%3Cb%3E%0D%0A")
    assert answer.status == 303
    asked = "near=PL1+2AA&within=5&within=10&_anchor=x&slug=y&q=%3Cb%3E%0D%0A"
    assert answer.headers["Location"] == f"{PATHWAY}?{asked}#step-2"
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("progress=", "Max-Age=31536000", "HttpOnly", "Path=/", "SameSite=Lax"))


def test_what_the_page_was_asked_for_goes_with_the_tick(client: CheckedClient) -> None:
    page = client.get(f"{PATHWAY}?near=PL1+2AA&within=10&_external=1&slug=x")
    (action, *_) = [form.get("action") for form in page.all(".//form[@class='tick']")]
    assert action == f"{PATHWAY}/tick?near=PL1+2AA&within=10&_external=1&slug=x"


def test_the_page_then_names_the_next_step(client: CheckedClient) -> None:
    tick(client, STEPS[0])
    page = client.get(PATHWAY)
    assert line(page) == "Step 2 of 5, next: Cook something new each week"
    assert page.texts(".//p[@class='tally']") == ["1 done, 4 to go"]
    done = [button.get("aria-label") for button in page.all(".//form[@class='tick done']/button")]
    assert done == ["Done: Stand in a working kitchen. Take the tick away"]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in page.headers["Vary"]
    assert "Max-Age=31536000" in page.headers["Set-Cookie"]
    tick(client, STEPS[1])
    assert line(client.get(PATHWAY)) == "Step 3 of 5, next: Get your food hygiene certificate"


def test_a_tick_can_be_taken_away_and_twice_is_once(client: CheckedClient, rows: Session) -> None:
    for done in ("yes", "yes", "no", "no", "yes"):
        assert tick(client, STEPS[0], done).status == 303
    assert kept_under(key_of(client), rows) == [STEPS[0]]
    tick(client, STEPS[0], "no")
    assert line(client.get(PATHWAY)).startswith("Tick off each step")


def test_a_step_that_may_be_skipped_is_not_waited_for(client: CheckedClient, site: Flask) -> None:
    with site.app_context():
        found = pathway_pages.pathway(session(), "into-digital-marketing")
        assert found is not None
        steps = [(step.slug, step.is_optional) for step in found.steps]
    path = "/pathways/into-digital-marketing"
    for slug, _ in steps[:3]:
        client.post(f"{path}/tick", data={"step": slug, "done": "yes"})
    page = client.get(path)
    assert steps[3][1]
    assert line(page) == "Step 5 of 6, next: Run a small campaign for somebody real"
    for slug, _ in steps[4:]:
        client.post(f"{path}/tick", data={"step": slug, "done": "yes"})
    page = client.get(path)
    assert line(page).startswith("You have done every step you need. Next: ")
    assert page.texts(".//p[@class='tally']") == ["5 done"]


def test_of_a_group_the_line_names_all_that_would_do(site: Flask) -> None:
    steps = [pathways.step() for _ in range(4)]
    for number, each in enumerate(steps, start=1):
        each.title, each.group_number = f"Thing {number}", 1 if number < 4 else None
    path = pathways.pathway(*steps, groups=[StepGroup(number=1, needed=2)])
    template = site.jinja_env.get_template("progress/_macros.html")

    def said(*done: str) -> str:
        with site.test_request_context():
            macros: Any = template.make_module()
            written = macros.line(standing(path, set(done)))
        return text_of(parse(written).findall(".//p")[0])

    assert said() == "Step 1 of 4, next: any 2 of these: Thing 1; Thing 2; Thing 3"
    assert said("step-2") == "Step 1 of 4, next: any one of these: Thing 1; Thing 3"
    assert said("step-2", "step-3") == "Step 4 of 4, next: Thing 4"
    assert said("step-2", "step-3", "step-4") == "You have done every step you need. Next: Tester"


def test_htmx_gets_the_two_parts_that_change(client: CheckedClient) -> None:
    answer = tick(client, STEPS[0], query="?near=PL1", headers=HTMX)
    assert answer.status == 200
    assert line(answer) == "Step 2 of 5, next: Cook something new each week"
    (form,) = answer.all(".//form")
    assert form.get("class") == "tick done"
    assert form.get("action") == f"{PATHWAY}/tick?near=PL1"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_taking_away_what_was_never_ticked_sets_no_cookie(client: CheckedClient, rows: Session) -> None:
    answer = tick(client, STEPS[0], "no")
    assert answer.status == 303
    assert "Set-Cookie" not in answer.headers
    assert rows.scalar(select(func.count()).select_from(Progress)) == 0


@pytest.mark.parametrize(
    ("path", "step", "done", "status"),
    [
        (PATHWAY, "no-such-step", "yes", 404),
        (PATHWAY, "", "yes", 404),
        (PATHWAY, "x" * 10_000, "yes", 404),
        (PATHWAY, "\0", "yes", 404),
        (PATHWAY, STEPS[0], "maybe", 400),
        (PATHWAY, STEPS[0], "", 400),
        ("/pathways/nothing", STEPS[0], "yes", 404),
    ],
)
def test_a_step_that_is_not_there_cannot_be_ticked_off(
    client: CheckedClient, rows: Session, path: str, step: str, done: str, status: int
) -> None:
    answer = client.post(f"{path}/tick", data={"step": step, "done": done})
    assert answer.status == status
    assert len(answer.texts(".//h1")) == 1
    assert answer.all(".//main//a")
    assert "Set-Cookie" not in answer.headers
    assert rows.scalar(select(func.count()).select_from(Progress)) == 0


@pytest.mark.parametrize("path", [f"{PATHWAY}/tick", "/progress/keep"])
def test_what_changes_something_is_not_got(client: CheckedClient, path: str) -> None:
    assert client.get(path).status == 405


@pytest.mark.parametrize("cookie", [NO_KEY, *RUBBISH[1:4], "x" * 4_000, "%00", '"'])
def test_a_cookie_that_leads_nowhere_is_taken_away_and_never_taken_up(client: CheckedClient, cookie: str) -> None:
    client.set_cookie("progress", cookie)
    page = client.get(PATHWAY)
    assert page.status == 200
    assert page.headers["Set-Cookie"].startswith("progress=; Expires=Thu, 01 Jan 1970")
    client.set_cookie("progress", cookie)
    assert client.get("/progress").status == 200
    client.set_cookie("progress", cookie)
    assert tick(client, STEPS[0]).status == 303
    assert key_of(client) != cookie


def test_all_of_mine_stands_on_one_page_with_what_comes_next(client: CheckedClient) -> None:
    tick(client, STEPS[0])
    client.post("/pathways/coach-a-sport/tick", data={"step": "learn-first-aid", "done": "yes"})
    page = client.get("/progress")
    assert page.texts(".//ul[@class='begun']//h2") == ["Coach a sport", "Cook for a living"]
    assert page.texts(".//p[@class='line']") == [
        "Step 1 of 6, next: Watch a coach, not the game",
        "Step 2 of 5, next: Cook something new each week",
    ]
    assert page.all(".//div[@class='qr']/svg") or page.all(".//div[@class='qr']/{*}svg")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    links = [link.get("href") for link in client.get(PATHWAY).all(".//section[@id='progress']//a")]
    assert {"/progress", "/progress/delete"} <= set(links)


def test_without_ticks_my_page_says_so_and_has_no_link(client: CheckedClient) -> None:
    page = client.get("/progress")
    assert page.status == 200
    assert "You have not ticked anything off yet." in page.text
    assert "/progress/link/" not in page.text
    assert "Set-Cookie" not in page.headers


def test_the_private_link_takes_it_to_another_device(client: CheckedClient, other: CheckedClient) -> None:
    tick(client, STEPS[0])
    (link,) = client.get("/progress").texts(".//p[@class='hint address']")
    assert link == f"http://localhost/progress/link/{key_of(client)}"
    page = other.get(link)
    assert page.texts(".//p[@class='line']") == ["Step 2 of 5, next: Cook something new each week"]
    assert "Set-Cookie" not in page.headers
    answer = other.post("/progress/keep", data={"key": key_of(client)})
    assert (answer.status, answer.headers["Location"]) == (303, "/progress?after=kept")
    assert key_of(other) == key_of(client)
    assert "Your progress is kept on this device now." in other.get("/progress?after=kept").text
    tick(other, STEPS[1])
    assert line(client.get(PATHWAY)) == "Step 3 of 5, next: Get your food hygiene certificate"
    assert "already kept on this device" in other.get(link).text


def test_two_devices_with_ticks_of_their_own_lose_nothing(client: CheckedClient, other: CheckedClient) -> None:
    tick(client, STEPS[0])
    tick(other, STEPS[2])
    old = key_of(other)
    assert "There is progress on this device already." in other.get(f"/progress/link/{key_of(client)}").text
    other.post("/progress/keep", data={"key": key_of(client)})
    for device in (client, other):
        assert device.get(PATHWAY).texts(".//p[@class='tally']") == ["2 done, 3 to go"]
    # A third device that has the key which the second had before goes on as well.
    client.set_cookie("progress", old)
    tick(client, STEPS[1])
    assert other.get(PATHWAY).texts(".//p[@class='tally']") == ["3 done, 2 to go"]


def test_nothing_is_lost_where_all_happens_at_once(site: Flask, client: CheckedClient, other: CheckedClient) -> None:
    tick(client, STEPS[0])
    tick(other, STEPS[1])
    keys = (key_of(client), key_of(other))

    def act(number: int) -> int:
        device = CheckedClient(site)
        device.set_cookie("progress", keys[number % 2])
        if number % 7 == 3:
            return device.post("/progress/keep", data={"key": keys[(number + 1) % 2]}).status
        return tick(device, STEPS[number % 5]).status

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(act, range(42))) == {303}
    for device in (client, other):
        assert device.get(PATHWAY).texts(".//p[@class='tally']") == ["5 done"]


def test_what_is_behind_a_link_stays_between_us(client: CheckedClient, other: CheckedClient) -> None:
    tick(client, STEPS[0])
    key = key_of(client)
    page = other.get(f"/progress/link/{key}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert [meta.get("content") for meta in page.all(".//meta[@name='robots']")] == ["noindex, nofollow"]
    assert not page.all(".//link[@rel='canonical']")
    # Only in the form: not in a link, nor in what is printed below the page.
    assert page.text.count(key) == 1
    assert key not in client.get(PATHWAY).text
    for wrong in (f"/progress/link/{key}/x", f"/progress/link/{key}x"):
        answer = other.get(wrong)
        assert answer.status == 404
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert key not in answer.text
    refused = other.post(f"/progress/link/{key}")
    assert (refused.status, refused.headers["Cache-Control"]) == (405, "no-store")
    assert key not in refused.text


def test_the_log_never_has_a_key(client: CheckedClient, other: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Mock()
    monkeypatch.setattr(logs, "log", heard)
    tick(client, STEPS[0])
    key = key_of(client)
    other.get(f"/progress/link/{key}")
    other.get(f"/progress/link/{key}/x")
    other.post(f"/progress/link/{key}")
    other.post("/progress/keep", data={"key": key})
    other.get(f"/progress?after={key}")
    assert len(heard.info.mock_calls) == 6
    assert heard.info.mock_calls[1].kwargs["path"] == "/progress/link/<path:key>"
    assert key not in str(heard.mock_calls)


@pytest.mark.parametrize("key", [NO_KEY, *RUBBISH[1:]])
def test_a_link_that_leads_nowhere_says_so_and_shows_a_way_on(client: CheckedClient, key: str) -> None:
    page = client.get(f"/progress/link/{key}")
    assert page.status == 404
    if key not in ("../../etc", "%00"):  # which are no such addresses
        assert page.texts(".//h1") == ["This link leads to no progress"]
        assert "/pathways" in [link.get("href") for link in page.all(".//main//a")]
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("key", [NO_KEY, *RUBBISH])
def test_what_is_not_there_cannot_be_kept(client: CheckedClient, key: str) -> None:
    tick(client, STEPS[0])
    mine = key_of(client)
    answer = client.post("/progress/keep", data={"key": key})
    assert answer.status == 404
    assert key_of(client) == mine
    assert line(client.get(PATHWAY)).startswith("Step 2 of 5")


def test_deleting_asks_first_then_deletes_all_and_takes_the_cookie(
    client: CheckedClient, other: CheckedClient, rows: Session
) -> None:
    tick(client, STEPS[0])
    link = f"/progress/link/{key_of(client)}"
    other.post("/progress/keep", data={"key": key_of(client)})
    key = key_of(client)
    page = client.get("/progress/delete")
    assert page.texts(".//ul[@class='named']/li") == ["Cook for a living, 1 done"]
    assert kept_under(key, rows) == [STEPS[0]]
    answer = client.post("/progress/delete")
    assert (answer.status, answer.headers["Location"]) == (303, "/progress?after=deleted")
    assert client.cookie("progress") is None
    assert rows.scalar(select(func.count()).where(Progress.key_hash == hash_of(key))) == 0
    assert kept_under(key, rows) == []
    assert other.get(link).status == 404
    assert line(other.get(PATHWAY)).startswith("Tick off each step")
    assert other.cookie("progress") is None
    assert client.post("/progress/delete").status == 303


def test_the_database_knows_the_key_by_its_hash_only(client: CheckedClient, rows: Session) -> None:
    tick(client, STEPS[0])
    assert rows.scalars(select(Progress.key_hash)).all() == [hash_of(key_of(client))]


def test_looking_keeps_it_for_another_year_and_a_year_without_is_the_end(client: CheckedClient, rows: Session) -> None:
    def last_used(on: date) -> None:
        rows.execute(update(Progress).values(used_on=on))
        rows.commit()

    today = datetime.now(UTC).date()
    tick(client, STEPS[0])
    key = key_of(client)
    last_used(today - timedelta(days=365))
    assert line(client.get(PATHWAY)).startswith("Step 2 of 5")
    assert rows.scalars(select(Progress.used_on)).all() == [today]
    last_used(today - timedelta(days=366))
    assert client.get(f"/progress/link/{key}").status == 404
    assert line(client.get(PATHWAY)).startswith("Tick off each step")
    assert client.cookie("progress") is None


def test_too_many_pathways_are_refused_with_a_sentence(
    client: CheckedClient, other: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(client, STEPS[0])
    other.post("/pathways/coach-a-sport/tick", data={"step": "learn-first-aid", "done": "yes"})
    monkeypatch.setattr(progress, "MAX_PATHWAYS", 1)
    answer = client.post("/pathways/coach-a-sport/tick", data={"step": "learn-first-aid", "done": "yes"})
    assert answer.status == 409
    assert "Nothing that you have is lost." in answer.text
    kept = other.post("/progress/keep", data={"key": key_of(client)})
    assert kept.status == 409
    assert client.get("/progress").texts(".//ul[@class='begun']//h2") == ["Cook for a living"]
    assert other.get("/progress").texts(".//ul[@class='begun']//h2") == ["Coach a sport"]
    assert tick(client, STEPS[1]).status == 303


def test_loading_the_pathways_anew_loses_no_tick(client: CheckedClient, rows: Session) -> None:
    tick(client, STEPS[0])
    seeds.load(rows, seeds.read(), datetime.now(UTC).date())
    rows.commit()
    assert line(client.get(PATHWAY)).startswith("Step 2 of 5")


@pytest.mark.parametrize("path", ["/embed/pathways/cook-for-a-living", "/pathways", "/discover?near=PL1", "/"])
def test_other_pages_neither_read_nor_set_the_cookie(client: CheckedClient, other: CheckedClient, path: str) -> None:
    tick(client, STEPS[0])
    with_cookie, without = client.get(path), other.get(path)
    for page in (with_cookie, without):
        assert "Set-Cookie" not in page.headers
        # Our own pages depend on the shortlist's.
        assert ("Cookie" in page.headers["Vary"]) is not path.startswith("/embed")
    assert with_cookie.headers.get("Cache-Control") == without.headers.get("Cache-Control")
    if path.startswith("/embed"):
        assert with_cookie.headers["ETag"] == without.headers["ETag"]
        assert "/tick" not in with_cookie.text


def test_where_the_day_of_use_cannot_be_written_the_page_is_there_all_the_same(
    client: CheckedClient, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("locked"))

    tick(client, STEPS[0])
    rows.execute(update(Progress).values(used_on=datetime.now(UTC).date() - timedelta(days=9)))
    rows.commit()
    monkeypatch.setattr(progress, "use", fails)
    assert client.get(PATHWAY).status == 200


def test_progress_costs_two_statements_more_and_none_without_the_cookie(site: Flask, client: CheckedClient) -> None:
    with counting(site.extensions["engine"]) as without:
        client.get(PATHWAY)
    tick(client, STEPS[0])
    with counting(site.extensions["engine"]) as with_ticks:
        client.get(PATHWAY)
    # Whose it is, and what is ticked off on this pathway.
    assert len(with_ticks) == len(without) + 2
