"""The question and its answer, as pages and as fragments, on both databases."""

import re
from html import unescape

import pytest

from app import create_app
from catalogue import circles
from search import find, labels, listing
from settings import Settings
from tests.client import HTMX, Answer, CheckedClient, text_of

CARD = ".//ol[@id='hits']/li"


def distances(answer: Answer) -> list[float]:
    """Those on the plates of the list; "under …" counts as nothing."""
    plates = answer.texts(".//ol[@id='hits']/li/div[1]/p")
    numbers = [text.removeprefix("about").split("mi")[0].replace(",", "").replace("½", ".5") for text in plates]
    return [0.0 if text.startswith("under") else float(number) for text, number in zip(plates, numbers, strict=True)]


def titles(answer: Answer) -> list[str]:
    return answer.texts(f"{CARD}//h3/a")


def test_the_front_page_asks_one_question(client: CheckedClient) -> None:
    page = client.get("/")
    assert page.status == 200
    (form,) = page.all(".//form")
    assert form.get("action") == "/discover"
    assert [field.get("name") for field in page.all(".//form//input")] == ["near"]
    assert "Plymouth" in page.texts(".//ul[@class='towns']//a")


@pytest.mark.parametrize("near", ["br34hg", "PL1 2AA", "LS1", "Belfast", "50.37,-4.14"])
def test_the_nearest_come_first_with_their_distances(client: CheckedClient, near: str) -> None:
    page = client.get("/discover", query_string={"near": near, "sort": "distance"})
    assert page.status == 200
    found = distances(page)
    assert len(found) == 20
    assert found == sorted(found)


def test_a_card_says_all_that_one_needs_to_choose(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA&sort=distance")
    for card in page.all(CARD):
        text = text_of(card)
        assert card.find(".//h3/a") is not None
        assert len(card.findall(".//p[@class='tags']/span")) == 2  # kind and layer, in words
        assert text_of(card.find(".//p[@class='by']"))  # type: ignore[arg-type]
        assert re.search(r"(Free|£|Paid|Ask about the cost)", text), text
        assert re.search(r"(Any time|Apply by|day \d+ \w+)", text), text


def test_the_kinds_narrow_and_add_up(client: CheckedClient) -> None:
    jobs = client.get("/discover?near=PL1+2AA&kind=job")
    both = client.get("/discover?near=PL1+2AA&kind=job&kind=event")
    kinds = {text.split()[0] for text in jobs.texts(f"{CARD}//p[@class='tags']")}
    assert kinds == {"Job"}
    assert {text.split()[0] for text in both.texts(f"{CARD}//p[@class='tags']")} == {"Job", "Event"}
    chosen = [chip.get("id") for chip in both.all(".//a[@class='chip'][@aria-current='true']")]
    assert chosen == ["chip-event", "chip-job"]


def test_within_leaves_out_what_is_farther(client: CheckedClient) -> None:
    assert max(distances(client.get("/discover?near=PL1+2AA&within=1&sort=distance"))) <= 1.0


def test_pages_follow_one_another_without_gap_or_repeat(client: CheckedClient) -> None:
    first, second = (client.get(f"/discover?near=PL1+2AA&within=any&sort=distance&page={page}") for page in (1, 2))
    assert [item.get("value") for item in first.all(CARD)] == [str(number) for number in range(1, 21)]
    assert [item.get("value") for item in second.all(CARD)] == [str(number) for number in range(21, 41)]
    links = [item.find(".//h3/a").get("href").split("?")[0] for page in (first, second) for item in page.all(CARD)]  # type: ignore[union-attr]
    assert len(set(links)) == 40
    together = distances(first) + distances(second)
    assert together == sorted(together)


def test_where_a_list_ends_before_all_was_shown_it_says_so(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (circles, find, labels, listing):
        monkeypatch.setattr(module, "COUNT_BOUND", 30)
    first, second = (client.get(f"/discover?near=PL1+2AA&within=any&sort=distance&page={page}") for page in (1, 2))
    said = "These are the first 30. Choose a kind, a day or a smaller distance, and you will see others."
    assert [said in page.texts(".//*[@id='more']/p") for page in (first, second)] == [False, True]
    assert len(second.all(CARD)) == 10
    few = client.get("/discover?near=PL1+2AA&within=1&sort=distance")
    assert few.texts(".//*[@id='more']/p") == []


def test_a_page_past_the_end_says_so(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA&page=50")
    assert page.status == 200
    assert "There is nothing further on." in text_of(page.tree)  # type: ignore[arg-type]


def test_what_has_no_place_has_a_shelf_and_all_of_it_can_be_reached(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA")
    assert len(page.all(".//section[@id='elsewhere']//li")) == 4
    (link,) = page.all(".//section[@id='elsewhere']/div/a")
    count = int(text_of(link).split()[2])
    reached: list[str] = []
    url: str | None = link.get("href")
    while url:
        more = client.get(url)
        reached += more.texts(".//ul[@class='street']/li//h3/a")
        url = next((link.get("href") for link in more.all(".//a") if text_of(link) == "Show more"), None)
    assert len(reached) == len(set(reached)) == count


def test_a_kind_that_needs_no_place_is_not_called_nothing(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA&kind=online-learning&within=0.1")
    assert "We found nothing that fits within 0.1 miles. The ones below need no place." in text_of(
        page.all(".//main")[0]
    )


def test_far_from_everything_the_page_says_so_and_shows_the_nearest_there_is(client: CheckedClient) -> None:
    page = client.get("/discover?near=ZE1+0AA")
    assert "We know of nothing within 50 miles. The ones below need no place." in text_of(page.all(".//main")[0])
    assert page.texts(".//section[@id='results']//h2")[1:3] == ["Not tied to one place", "Pathways"]
    assert len(page.all(".//ul[@class='street nearest']/li")) == 1
    assert titles(page) == []
    (nearest,) = page.texts(".//ul[@class='street nearest']//h3/a")
    assert titles(client.get("/discover?near=ZE1+0AA&within=any&sort=distance"))[0] == nearest


def radius(page: Answer) -> str | None:
    (chosen,) = page.all(".//nav[@class='how-far']/a[@aria-current='true']")
    return chosen.get("id")


def test_the_distance_fits_the_place_and_can_be_changed(client: CheckedClient) -> None:
    assert radius(client.get("/discover?near=PL1+2AA")) == "within-10"
    assert radius(client.get("/discover?near=TR26+1AA")) == "within-50"  # St Ives, with little near
    # It does not jump with the filters, and is found anew for another place.
    assert radius(client.get("/discover?near=PL1+2AA&kind=job")) == "within-10"
    assert radius(client.get("/discover?near=PL1+2AA&within=2")) == "within-2"
    assert radius(client.get("/discover?near=PL1+2AA&within=any")) == "within-any"
    assert "within" not in str(client.get("/discover?near=PL1+2AA").all(".//input[@name='within']"))


@pytest.mark.parametrize("near", ["PL1+2AA", "PL21", "PL12"])  # exact, and from the middles of wide districts
def test_with_few_results_wider_circles_are_offered_with_their_counts(client: CheckedClient, near: str) -> None:
    page = client.get(f"/discover?near={near}&kind=job&within=0.5")
    links = {
        link.get("href") or "": text_of(link)
        for link in page.all(".//p[@class='farther']/a")
        if "within" in text_of(link)
    }
    assert links
    for url, words in links.items():
        wider = client.get(url)
        assert len(wider.all(CARD)) == int(words.split()[0])


def test_links_that_may_be_passed_on_do_not_say_where_one_lives(client: CheckedClient) -> None:
    for path in ("/discover?near=PL1+2AA&sort=distance", "/discover/map?near=PL1+2AA"):
        page = client.get(path)
        links = [link.get("href") or "" for link in page.all(f"{CARD}//h3/a")]
        assert all(link.endswith("?near=PL1") for link in links)
        assert len(links) == 20


def test_a_new_search_keeps_what_the_last_answer_chose(client: CheckedClient) -> None:
    # The form's hidden fields stand in the fragment, so that they follow what htmx swaps in.
    fragment = client.get("/discover?near=PL1+2AA&kind=job&within=9", headers=HTMX)
    hidden = {field.get("name"): field.get("value") for field in fragment.all(".//input[@form='where']")}
    assert hidden == {"kind": "job", "within": "9"}


def test_htmx_gets_the_fragment_a_person_the_page(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA&kind=job")
    fragment = client.get("/discover?near=PL1+2AA&kind=job", headers=HTMX)
    assert page.text.startswith("<!DOCTYPE html>")
    assert fragment.text.lstrip().startswith('<section id="results"')
    assert titles(fragment) == titles(page)
    assert "HX-Request" in page.headers["Vary"]
    assert "HX-Request" in fragment.headers["Vary"]


@pytest.mark.parametrize("more", [{"HX-History-Restore-Request": "true"}, {"HX-Boosted": "true"}])
def test_a_history_restore_and_a_boosted_link_get_the_page(client: CheckedClient, more: dict[str, str]) -> None:
    answer = client.get("/discover?near=PL1+2AA", headers=HTMX | more)
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("near", "sentence"),
    [
        ("", "Type a postcode or the name of a town"),
        ("x" * 300, "That is too long for a place."),
        ("ZZ9 9ZZ", "We do not know the postcode “ZZ9 9ZZ”"),
        ("Nowheresby", "We do not know a place called “Nowheresby”"),
        ("JE2 3AB", "is in Jersey"),
        ("GIR 0AA", "has no place on the map"),
        ("0,0", "outside the United Kingdom"),
        ("<script>alert(1)</script>", "We do not know a place called “<script>alert(1)</script>”"),
        ("PL1 2AO", "We do not know the postcode “PL1 2AO”"),
    ],
)
def test_a_place_that_is_not_found_is_said_and_the_rest_is_kept(
    client: CheckedClient, near: str, sentence: str
) -> None:
    page = client.get("/discover", query_string={"near": near, "kind": "job"})
    assert page.status == 200
    assert sentence in text_of(page.tree)  # type: ignore[arg-type]
    kept = {field.get("name"): field.get("value") for field in page.all(".//input")}
    assert kept["kind"] == "job"
    assert unescape(kept["near"] or "") == near[:101]


@pytest.mark.parametrize(
    "bad",
    [
        *("kind=nonsense", "page=-1", "within=abc", "layer=x", "page=99999999999999999999", "skill=no-such-skill"),
        *("free=maybe", "age=old", "when=someday", "from=2026-13-01", "time=noon", "sort=price"),
    ],
)
def test_a_bad_filter_is_said_and_the_rest_still_answers(client: CheckedClient, bad: str) -> None:
    page = client.get(f"/discover?near=PL1+2AA&kind=job&{bad}")
    assert page.status == 400
    assert page.texts(".//p[@class='message']")
    assert titles(page)
    assert "Job" in text_of(page.all(CARD)[0])


def test_an_approximate_place_says_that_distances_are_rough(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1&sort=distance")
    assert "Distances are from the middle of PL1, so they may be about 1 mile off." in page.text
    plates = page.texts(".//ol[@id='hits']/li/div[1]/p")
    assert all(re.match(r"(about \d+|under 1) ?mi", text) for text in plates), plates
    assert "Distances are from" not in client.get("/discover?near=PL1+2AA").text


def test_a_slip_that_was_put_right_is_said(client: CheckedClient) -> None:
    assert "Showing LS1 3BE. You typed “LSI 3BE”." in client.get("/discover?near=LSI+3BE").text


def test_what_may_have_been_meant_keeps_the_search(client: CheckedClient) -> None:
    page = client.get("/discover?near=plymuth&kind=job")
    links = [link.get("href") for link in page.all(".//p[@class='note choices']/a")]
    assert "/discover?near=Plymouth&kind=job" in links


def test_a_retired_postcode_and_a_shared_name_are_said(client: CheckedClient) -> None:
    assert "no longer in use" in client.get("/discover?near=AB1+0AA").text
    newport = client.get("/discover?near=Newport&kind=job")
    others = [link.get("href") for link in newport.all(".//p[@class='note choices']/a")]
    assert len(others) > 3
    assert all("kind=job" in (href or "") for href in others)


def test_the_page_answers_while_the_online_geocoder_is_down(site_settings: Settings) -> None:
    options = {"domain": "127.0.0.1:1", "scheme": "http"}
    settings = site_settings.model_copy(update={"online_geocoder": "nominatim", "online_geocoder_options": options})
    app = create_app(settings)
    try:
        for _ in range(5):  # the circuit opens on the way
            page = CheckedClient(app).get("/discover?near=Nowheresby")
            assert page.status == 200
            assert "We do not know a place called “Nowheresby”" in page.text
    finally:
        app.extensions["engine"].dispose()


def test_samples_are_called_samples(client: CheckedClient) -> None:
    for path in ("/", "/discover?near=PL1", "/discover/map?near=PL1"):
        assert "These are samples" in client.get(path).text, path


def test_no_cookie_is_ever_set(client: CheckedClient) -> None:
    for path in ("/", "/discover?near=PL1", "/discover/map?near=PL1"):
        assert "Set-Cookie" not in client.get(path).headers
