"""The pages of pathways: all of them, and one with what is near."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask

from catalogue import pathway_pages
from catalogue.pathway_ways import Way
from catalogue.seeds import read
from catalogue.words import Kind, Layer
from database.session import session
from pathways import views, words
from search import labels
from tests.catalogue.factories import provider
from tests.catalogue.pathways import counting, skill
from tests.client import Answer, CheckedClient, text_of

STEPS = ".//ol[@class='steps']/li[@id]"


def links(page: Answer) -> list[str]:
    return [link.get("href") or "" for link in page.all(".//main//a")]


def test_every_pathway_is_listed_with_its_goal_its_steps_and_who_made_it(client: CheckedClient) -> None:
    page = client.get("/pathways")
    cards = page.all(".//li[@class='pathway-card']")
    samples = sorted(read().pathways.pathways, key=lambda each: each.title)
    assert [text_of(card.findall(".//h3")[0]) for card in cards] == [each.title for each in samples]
    for card, sample in zip(cards, samples, strict=True):
        drawing, sign = card.findall(".//{*}svg[@role='img']")
        assert drawing.get("aria-label") == f"{len(sample.all_steps)} steps"
        paints = [rect.get("class") for rect in drawing.findall("{*}rect")]
        assert paints == [step.layer.value for step, _ in sample.all_steps]
        assert sign.get("aria-label") == words.DESTINATIONS[sample.destination_kind]
        assert sample.destination in text_of(card)
        assert sample.summary in text_of(card)


def test_every_sample_has_a_page_that_gives_its_goal_before_its_steps(client: CheckedClient) -> None:
    for sample in read().pathways.pathways:
        page = client.get(f"/pathways/{sample.slug}")
        assert page.status == 200
        assert page.texts(".//h1") == [sample.title]
        assert page.texts(".//header//p[@class='goal']") == [f"Leads to: {sample.destination}"]
        assert page.text.index("Leads to:") < page.text.index('id="step-1"')
        assert page.texts(f"{STEPS}//h2") == [step.title for step, _ in sample.all_steps]
        optional = [bool(step.findall(".//span[@class='tag optional']")) for step in page.all(STEPS)]
        assert optional == [step.optional for step, _ in sample.all_steps]


def test_a_step_says_its_number_its_layer_and_what_it_asks_for(client: CheckedClient) -> None:
    (sample,) = (each for each in read().pathways.pathways if each.slug == "cook-for-a-living")
    steps = client.get("/pathways/cook-for-a-living").all(STEPS)
    for number, (shown, step) in enumerate(zip(steps, [step for step, _ in sample.all_steps], strict=True), start=1):
        said = text_of(shown)
        assert said.startswith(str(number))
        assert str(labels.LAYERS[step.layer]) in said
        assert step.asks_for in said
        assert step.layer.value in (shown.get("class") or "").split()


def test_without_a_place_it_asks_for_one_and_shows_no_distance(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living")
    assert page.texts(".//form//label") == ["Your postcode, or a town"]
    (form,) = page.all(".//form[@role='search']")
    assert (form.get("action"), form.get("method")) == ("/pathways/cook-for-a-living", "get")
    assert not page.all(".//li[@class='card']")
    assert " mi " not in page.text
    assert not page.all(".//*[@id='near-problem']")


def test_with_a_place_each_step_shows_its_nearest_way(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=PL1+2AA")
    near = [step for step in page.all(STEPS) if step.findall(".//ul[@class='nearest']/li")]
    assert len(near) >= 3
    for step in near:
        card = step.findall(".//ul[@class='nearest']/li")
        assert len(card) == 1
        assert re.search(r"[\d.]+ mi away", text_of(card[0]))


def test_what_is_farther_than_fifty_miles_is_said_and_shown(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=KW1")
    step = page.all(STEPS)[1]
    assert "There is nothing within 50 miles of KW1." in text_of(step)
    assert "The nearest there is:" in text_of(step)
    assert len(step.findall(".//ul[@class='nearest']/li")) == 1


def test_links_say_roughly_where_and_no_more(client: CheckedClient) -> None:
    for path in ("/pathways?near=PL1+2AA", "/pathways/work-outdoors-with-nature?near=PL1+2AA"):
        page = client.get(path)
        found = links(page)
        assert any("near=PL1" in link for link in found)
        # Those that ask this page for something else keep the place as it is.
        own = urlsplit(path).path
        assert not [link for link in found if "2AA" in link and urlsplit(link).path != own]
    box = page.all(".//input[@name='near']")[0]
    assert box.get("value") == "PL1 2AA"


def test_a_rule_leads_to_the_search_that_it_is(client: CheckedClient) -> None:
    page = client.get("/pathways/work-outdoors-with-nature?near=PL1+2AA")
    found = [link for link in links(page) if link.startswith("/discover?")]
    assert any("skill=first-aid" in link and "kind=workshop" in link and "within=50" in link for link in found)
    for link in found:
        answer = client.get(link)
        assert answer.status == 200
        assert answer.all(".//ol[@id='hits']/li")


def test_what_is_online_leads_to_what_needs_no_place(client: CheckedClient) -> None:
    page = client.get("/pathways/work-outdoors-with-nature?near=PL1+2AA")
    found = [link for link in links(page) if link.startswith("/discover/anywhere?")]
    assert found
    assert "online or anywhere" in page.text
    assert all(client.get(link).status == 200 for link in found)


def test_badges_are_named_with_what_they_are(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=PL1+2AA")
    assert "/badges/saw-it-done?near=PL1" in links(page)
    ways = client.get("/pathways/cook-for-a-living").texts(".//ul[@class='ways']/li")
    (badge,) = (each for each in read().pathways.badges if each.slug == "saw-it-done")
    assert f"Badge: {badge.name} {badge.summary}" in ways


def test_skills_and_the_provider_come_after_the_steps(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=PL1")
    assert "Cooking" in page.texts(".//ul[@class='skills']/li")
    assert "/providers/plumbline-skills-trust?near=PL1" in links(page)


@pytest.mark.parametrize(
    ("near", "sentence"),
    [
        ("ZZ9 9ZZ", "We do not know the postcode “ZZ9 9ZZ”."),
        ("Nowheresby", "We do not know a place called “Nowheresby”."),
        ("x" * 200, "That is too long for a place."),
    ],
)
def test_a_bad_place_is_said_beside_the_form_and_the_page_is_still_there(
    client: CheckedClient, near: str, sentence: str
) -> None:
    page = client.get("/pathways/cook-for-a-living", query_string={"near": near})
    assert page.status == 200
    assert page.texts(".//p[@id='near-problem']")[0].startswith(sentence)
    assert page.all(".//input[@name='near']")[0].get("aria-describedby") == "near-problem"
    assert len(page.all(STEPS)) == 5


def test_a_shared_name_offers_the_others_on_this_page(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=Newport")
    others = [link for link in links(page) if link.startswith("/pathways/cook-for-a-living?near=Newport")]
    assert len(others) > 1
    assert client.get(others[0]).status == 200


def test_a_pathway_that_does_not_exist_is_not_found(client: CheckedClient) -> None:
    assert client.get("/pathways/nothing").status == 404


def test_a_page_of_pathways_beyond_the_last_says_so(client: CheckedClient) -> None:
    page = client.get("/pathways?page=2")
    assert page.status == 200
    assert "There is nothing further on." in page.text
    assert client.get("/pathways?page=none").status == 400


def test_pages_lead_on_where_there_are_more(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 10)
    first = client.get("/pathways?near=PL1+2AA")
    assert len(first.all(".//li[@class='pathway-card']")) == 10
    assert "/pathways?near=PL1+2AA&page=2" in links(first)
    second = client.get("/pathways?near=PL1+2AA&page=2")
    assert len(second.all(".//li[@class='pathway-card']")) == len(read().pathways.pathways) - 10
    assert "/pathways?near=PL1+2AA&page=1" in links(second)


def test_pages_say_which_address_is_theirs(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=PL1+2AA")
    assert page.all(".//link[@rel='canonical']")[0].get("href") == "http://localhost/pathways/cook-for-a-living"


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Way(kinds=(Kind.WORKSHOP, Kind.COURSE), skill=skill("gardening")), "Workshops, Courses: Gardening"),
        (Way(layer=Layer.LEAD, skill=skill("gardening")), "Lead: Gardening"),
        (Way(kinds=(Kind.JOB,), layer=Layer.LEAD), "Jobs (Lead)"),
        (Way(skill=skill("gardening")), "Anything: Gardening"),
        (Way(provider=provider(name="Us")), "Anything from Us"),
        (Way(kinds=(Kind.JOB,), provider=provider(name="Us")), "Jobs from Us"),
    ],
)
def test_a_rule_in_words(wordy_app: Flask, way: Way, said: str) -> None:
    with wordy_app.test_request_context():
        assert words.rule(way) == said


def test_a_search_cannot_ask_for_a_provider(wordy_app: Flask) -> None:
    assert words.rule_query(Way(provider=provider())) is None
    assert words.rule_query(Way(kinds=(Kind.JOB,))) == {"kind": ["job"], "layer": None, "skill": None}


@pytest.mark.parametrize(
    ("address", "query", "made"),
    [
        (
            "/a?near=PL4",
            {"kind": ["job", "course"], "layer": None, "skill": "x-y"},
            "/a?near=PL4&kind=job&kind=course&skill=x-y",
        ),
        ("/a", {"kind": [], "layer": "lead", "skill": None}, "/a?layer=lead"),
    ],
)
def test_the_address_of_a_rule_adds_what_it_asks(address: str, query: dict[str, object], made: str) -> None:
    assert words.rule_address(address, query) == made


def test_many_are_told_as_at_least() -> None:
    assert [words.near_count(number) for number in (1, 9, 10)] == ["1", "9", "10+"]


def test_a_pathway_page_costs_a_bounded_number_of_statements(site: Flask, client: CheckedClient) -> None:
    slug = "into-film-production"  # the longest of the samples
    with site.app_context():
        assert pathway_pages.pathway(session(), slug) is not None
    with counting(site.extensions["engine"]) as statements:
        assert client.get(f"/pathways/{slug}?near=KW1").status == 200
    # Whether samples are loaded; the pathway and all that hangs on it (at most thirteen); how far to look first (five
    # circles); what is near, in six circles that grow by two and a half, and anywhere, in six that double, each with
    # the distances of its venues; one count of what has no place; the distances of named opportunities; three for
    # the cards and one for what is full.
    assert len(statements) <= 1 + 13 + 5 + 2 * (6 + 6) + 1 + 1 + 4
