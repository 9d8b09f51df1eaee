"""The question and its answer, as pages and as fragments, on both databases."""

import re
from html import unescape

import pytest

from tests.client import HTMX, Answer, CheckedClient, text_of

CARD = ".//ol[@id='hits']/li"


def distances(answer: Answer) -> list[float]:
    """Those on the plates of the list; "under 0.1" counts as nothing."""
    plates = answer.texts(".//ol[@id='hits']//p[@class='plate']")
    return [0.0 if text.startswith("under") else float(text.split("mi")[0].replace(",", "")) for text in plates]


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
    page = client.get("/discover", query_string={"near": near})
    assert page.status == 200
    found = distances(page)
    assert len(found) == 20
    assert found == sorted(found)


def test_a_card_says_all_that_one_needs_to_choose(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA")
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
    chosen = [chip.get("id") for chip in both.all(".//a[@aria-current='true']")]
    assert chosen == ["chip-event", "chip-job"]


def test_within_leaves_out_what_is_farther(client: CheckedClient) -> None:
    assert max(distances(client.get("/discover?near=PL1+2AA&within=1"))) <= 1.0


def test_pages_follow_one_another_without_gap_or_repeat(client: CheckedClient) -> None:
    first, second = client.get("/discover?near=PL1+2AA"), client.get("/discover?near=PL1+2AA&page=2")
    assert [item.get("value") for item in first.all(CARD)] == [str(number) for number in range(1, 21)]
    assert [item.get("value") for item in second.all(CARD)] == [str(number) for number in range(21, 41)]
    links = [item.find(".//h3/a").get("href").split("?")[0] for page in (first, second) for item in page.all(CARD)]  # type: ignore[union-attr]
    assert len(set(links)) == 40
    together = distances(first) + distances(second)
    assert together == sorted(together)


def test_a_page_past_the_end_says_so(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA&page=50")
    assert page.status == 200
    assert "There is nothing further on." in text_of(page.tree)  # type: ignore[arg-type]


def test_online_ones_have_a_shelf_of_their_own(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA")
    shelf = page.all(".//ul[@class='street']/li")
    assert len(shelf) == 4
    assert "No need to travel" in page.texts(".//h2")


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
        ("", "Near"),
        ("x" * 300, "That is too long for a place."),
        ("ZZ9 9ZZ", "We do not know the postcode “ZZ9 9ZZ”"),
        ("Nowheresby", "We do not know a place called “Nowheresby”"),
        ("JE2 3AB", "is a real postcode, but we do not know where it is on the map"),
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
    kept = {field.get("name"): field.get("value") for field in page.all(".//form//input")}
    assert kept["kind"] == "job"
    assert unescape(kept["near"] or "") == near[:101]


@pytest.mark.parametrize("bad", ["kind=nonsense", "page=-1", "within=abc", "layer=x", "page=99999999999999999999"])
def test_a_bad_filter_is_said_and_the_rest_still_answers(client: CheckedClient, bad: str) -> None:
    page = client.get(f"/discover?near=PL1+2AA&kind=job&{bad}")
    assert page.status == 400
    assert page.texts(".//p[@class='message']")
    assert titles(page)
    assert "Job" in text_of(page.all(CARD)[0])


def test_an_approximate_place_says_that_distances_are_rough(client: CheckedClient) -> None:
    assert "Distances are from the middle of PL1" in client.get("/discover?near=PL1").text
    assert "so they are rough" not in client.get("/discover?near=PL1+2AA").text


def test_a_retired_postcode_and_a_shared_name_are_said(client: CheckedClient) -> None:
    assert "no longer in use" in client.get("/discover?near=AB1+0AA").text
    newport = client.get("/discover?near=Newport&kind=job")
    others = [link.get("href") for link in newport.all(".//p[@class='note']/a")]
    assert len(others) > 3
    assert all("kind=job" in (href or "") for href in others)


def test_samples_are_called_samples(client: CheckedClient) -> None:
    for path in ("/", "/discover?near=PL1", "/discover/map?near=PL1"):
        assert "These are samples" in client.get(path).text, path


def test_no_cookie_is_ever_set(client: CheckedClient) -> None:
    for path in ("/", "/discover?near=PL1", "/discover/map?near=PL1"):
        assert "Set-Cookie" not in client.get(path).headers
