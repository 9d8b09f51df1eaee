"""Shelves, filters, words and sorting, as pages, on both databases."""

import re
from datetime import date, datetime

import pytest

from settings import UK_TIME
from tests.client import HTMX, Answer, CheckedClient, text_of

CARD = ".//ol[@id='hits']/li"
NEAR = "/discover?near=PL1+2AA"


def titles(page: Answer) -> list[str]:
    return page.texts(f"{CARD}//h3/a")


def number(text: str) -> int:
    """The last number in a text."""
    return int(re.findall(r"\d+", text.replace(",", ""))[-1])


def reached(client: CheckedClient, page: Answer) -> int:
    """How many opportunities a list and the page of what needs no place lead to, by going there."""
    found = len(titles(page))
    more = [link.get("href") or "" for link in page.all(".//*[@id='more']/a") if text_of(link) == "Show more"]
    if more:
        found += reached(client, client.get(more[0]))
    elif page.all(".//section[@id='elsewhere']"):
        all_of_them = page.all(".//section[@id='elsewhere']/div/a")
        here = page.all(".//section[@id='elsewhere']//li")
        found += number(text_of(all_of_them[0])) if all_of_them else len(here)
    return found


def test_a_place_opens_on_a_shelf_for_each_layer_and_for_pathways(client: CheckedClient) -> None:
    page = client.get(NEAR)
    heads = page.texts(".//section[@id='results']/section//h2")
    assert heads == ["Pathways", "Engage", "Participate", "Demonstrate", "Lead", "Not tied to one place"]
    for shelf in page.all(".//section[@id='results']/section"):
        assert 1 <= len(shelf.findall("./ul/li")) <= 4
    assert titles(page) == []


@pytest.mark.parametrize("layer", ["engage", "participate", "demonstrate", "lead"])
def test_see_all_leads_to_as_many_as_it_says(client: CheckedClient, layer: str) -> None:
    page = client.get(NEAR)
    (link,) = page.all(f".//section[@class='shelf {layer}']/div/a")
    answer = client.get(link.get("href") or "")
    assert {text_of(tag) for tag in answer.all(f"{CARD}//p[@class='tags']/span[2]")} == {layer.title()}
    assert reached(client, answer) == number(text_of(link))


def test_every_chip_and_filter_says_how_many_it_would_leave(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&free=1&within=25")
    for chip in page.all(".//nav[@class='chips']/a")[1:]:
        assert reached(client, client.get(chip.get("href") or "")) == number(text_of(chip)), text_of(chip)
    for label in page.all(".//form[@id='filter-form']//label[@class='choice']"):
        (field,) = label.findall("input")
        if field.get("value") in (None, "", "dates") or field.get("name") == "by":
            continue  # how one goes asks for nothing by itself: tests/travel counts it with a time
        answer = client.get(f"{NEAR}&free=1&within=25&{field.get('name')}={field.get('value')}")
        assert answer.status == 200
        assert reached(client, answer) == number(text_of(label)), text_of(label)
    for option in page.all(".//select[@id='age']/option")[1:]:
        answer = client.get(f"{NEAR}&free=1&within=25&age={option.get('value')}")
        assert reached(client, answer) == number(text_of(option).strip("()")), text_of(option)


def test_the_rings_say_how_many_lie_within(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&kind=workshop")
    for ring in page.all(".//nav[@class='how-far']/a"):
        answer = client.get(ring.get("href") or "")
        while text_of(answer.all(".//*[@id='more']")[0]).endswith("Show more"):
            answer = client.get(answer.all(".//*[@id='more']/a")[-1].get("href") or "")
        last = [int(item.get("value") or 0) for item in answer.all(CARD)][-1:] or [0]
        assert last == [number(text_of(ring))]


def test_what_is_chosen_stands_above_and_can_be_taken_off_one_by_one(client: CheckedClient) -> None:
    everything = (
        "&kind=workshop&layer=participate&skill=welding&free=1&age=16&when=2026-12-05..2027-03-01&time=weekend"
        "&within=25&q=weld&sort=soonest"
    )
    page = client.get(NEAR + everything)
    said = [text.removeprefix("Remove ") for text in page.texts(".//a[@class='off']")]
    assert said == [
        "“weld”",
        "Workshops",
        "Participate",
        "Welding",
        "Free, or paid to you",
        "Age 16",
        "5 December 2026 to 1 March 2027",
        "Weekends",
        "Within 25 miles",
        "Soonest first",
    ]
    for number_left in range(len(said) - 1, -1, -1):
        page = client.get(page.all(".//a[@class='off']")[0].get("href") or "")
        assert len(page.all(".//a[@class='off']")) == number_left
    cleared = client.get(client.get(NEAR + everything).all(".//a[@class='clear']")[0].get("href") or "")
    assert cleared.all(".//a[@class='off']") == []
    assert cleared.all(".//section[@class='shelf engage']")


def test_words_find_what_they_mean_and_say_how_they_were_read(client: CheckedClient) -> None:
    exact, mistyped = client.get(f"{NEAR}&q=welding&within=any"), client.get(f"{NEAR}&q=weldng&within=any")
    assert titles(exact) == titles(mistyped)
    assert any("weld" in title.lower() for title in titles(exact)[:2])
    assert "We read “weldng” as “welding”." in mistyped.text
    assert "Nothing here mentions “xyzzyq”." in client.get(f"{NEAR}&q=xyzzyq").text
    assert "There is no word in “!!” to look for." in client.get(f"{NEAR}&q=!!").text


def test_a_skill_a_provider_and_a_summary_are_searched_too(client: CheckedClient) -> None:
    assert titles(client.get(f"{NEAR}&q=Slipway+Makers"))
    assert titles(client.get(f"{NEAR}&q=video+editing&within=any"))


def test_soonest_comes_first_and_newest_too(client: CheckedClient) -> None:
    soonest = client.get(f"{NEAR}&sort=soonest&kind=workshop&within=any")
    days = [element.get("datetime") or "" for element in soonest.all(f"{CARD}//p[@class='facts']//time")]
    assert len(days) > 5
    assert days == sorted(days)
    newest = client.get(f"{NEAR}&sort=newest")
    assert sorted(titles(newest)) != titles(newest)


def test_the_days_of_a_form_without_javascript_are_understood(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&when=dates&from=2026-12-01&to=2027-06-01&age=&sort=&within=any")
    assert page.status == 200
    days = [element.get("datetime") or "" for element in page.all(f"{CARD}//p[@class='facts']//time")]
    assert all(date.fromisoformat(day[:10]) >= date(2026, 11, 1) for day in days)
    assert {field.get("id"): field.get("value") for field in page.all(".//input[@type='date']")} == {
        "from": "2026-12-01",
        "to": "2027-06-01",
    }


def test_nothing_found_says_what_to_leave_out_and_how_many_that_finds(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&kind=job&time=weekend&age=11")
    (nothing,) = page.all(".//div[@class='nothing stack']")
    assert "We found nothing that fits within 10 miles." in text_of(nothing)
    for link in nothing.findall("./p/a"):
        if "everything" in text_of(link):
            continue
        answer = client.get(link.get("href") or "")
        assert reached(client, answer) == number(text_of(link))


def test_a_further_choice_says_what_it_would_add(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&kind=event&layer=engage&skill=storytelling&within=25")
    now = reached(client, page)
    for field in page.all(".//form[@id='filter-form']//label[@class='choice']"):
        if "+" not in text_of(field):
            continue
        choice = field.findall("input")[0]
        url = f"{NEAR}&kind=event&layer=engage&skill=storytelling&within=25&{choice.get('name')}={choice.get('value')}"
        assert reached(client, client.get(url)) == now + number(text_of(field)), text_of(field)
    for chip in page.all(".//nav[@class='chips']/a")[1:]:
        if "+" in text_of(chip):
            assert reached(client, client.get(chip.get("href") or "")) == now + number(text_of(chip))


def test_a_chosen_skill_is_offered_with_its_count(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&within=any&skill=graphic-design")
    (field,) = [each for each in page.all(".//label[@class='choice']") if text_of(each).startswith("Graphic design")]
    assert field.findall("input")[0].get("checked") is not None
    assert number(text_of(field)) == reached(client, page) > 0


def test_words_that_are_nowhere_together_find_what_has_some_of_them(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&q=welding+storytelling+photography")
    assert "Nothing has all of these words, so this is what has some of them." in page.text
    assert titles(page)


def test_a_card_shows_the_sitting_that_was_asked_for(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&within=any&time=weekend&sort=soonest")
    days = [element.get("datetime") or "" for element in page.all(f"{CARD}//p[@class='facts']//time")]
    assert days == sorted(days)
    assert {datetime.fromisoformat(day).astimezone(UK_TIME).weekday() for day in days} <= {5, 6}


@pytest.mark.parametrize("near", ["", "zzzz"])
def test_more_of_nowhere_is_the_question_again(client: CheckedClient, near: str) -> None:
    answer = client.get(f"/discover?near={near}&page=2", headers=HTMX | {"HX-Target": "hits"})
    assert answer.status == 200


def test_more_is_only_the_list(client: CheckedClient) -> None:
    fragment = client.get(f"{NEAR}&sort=distance&within=any&page=2", headers=HTMX | {"HX-Target": "hits"})
    assert len(titles(fragment)) == 20
    assert fragment.all(".//nav[@class='chips']") == []
    assert "HX-Target" in fragment.headers["Vary"]


def test_what_was_added_needs_no_way_back_to_what_stands_above_it(client: CheckedClient) -> None:
    url = f"{NEAR}&sort=distance&within=any&page=2"
    assert "Nearer ones" in client.get(url).texts(".//*[@id='more']/a")
    assert "Nearer ones" not in client.get(url, headers=HTMX | {"HX-Target": "hits"}).texts(".//*[@id='more']/a")


def test_what_has_no_place_says_how_words_were_read_and_keeps_to_what_applies(client: CheckedClient) -> None:
    page = client.get("/discover/anywhere?q=markting&sort=newest&within=5")
    assert "We read “markting” as “marketing”." in page.text
    assert page.texts(".//a[@class='off']") == ["Remove “markting”"]
    assert "We found nothing that fits." in client.get("/discover/anywhere?q=zzqqxx").text
    assert "Back to the first page" in client.get("/discover/anywhere?page=9").text


def test_coming_back_to_a_long_list_shows_all_of_it(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&sort=distance&within=any&through=3")
    assert [item.get("value") for item in page.all(CARD)] == [str(number) for number in range(1, 61)]
    (more,) = page.all(".//*[@id='more']/a")
    assert "page=4" in (more.get("href") or "")


def test_changing_the_place_keeps_the_filters_but_not_the_distance_that_fitted(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&free=1&age=16&q=weld")
    kept = {field.get("name") for field in page.all(".//input[@form='where']")} | {"near", "q"}
    assert kept == {"near", "q", "free", "age"}
