"""The pages of badges: all of them, and one: how it is earned, where, and where that leads."""

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select

from catalogue import badge_queries, derived
from catalogue.models import Badge, Opportunity, Provider
from catalogue.pathway_models import Step
from catalogue.seeds import read
from catalogue.words import Layer
from database.session import session as site_session
from discover.badge_pages import credential
from search import labels
from tests.catalogue.factories import opportunity, provider
from tests.catalogue.pathways import badge, counting, named, pathway, skill
from tests.catalogue.pathways import step as a_step
from tests.client import Answer, CheckedClient, text_of
from tests.discover.test_rubbish import queries

PATH = "/badges/first-aid-basics"
NEAR = ".//section[@class='where-earned']/ul[@class='street near']/li"
ELSEWHERE = ".//section[@class='where-earned']/ul[@class='street elsewhere']/li"
PATHWAYS = ".//section[@class='memberships']//li"


def links(page: Answer) -> list[str]:
    return [link.get("href") or "" for link in page.all(".//main//a")]


@pytest.fixture
def odd(site: Flask) -> Iterator[Badge]:
    """A badge in the site's database of which nothing is known but what must be, which nothing earns."""
    with site.app_context():
        issuer = provider(name="<i>Us</i>", url="javascript:alert(1)")
        picture = "https://elsewhere.example/picture.png"
        made = badge("odd", name="</script><b>", summary='"><script>', criteria="", type="", image_url=picture)
        made.provider = issuer
        site_session().add(made)
        site_session().commit()
        yield made
        site_session().execute(delete(Provider).where(Provider.id == issuer.id))
        site_session().commit()


@pytest.fixture
def online_only(site: Flask, odd: Badge) -> None:
    """Six online ways to earn that badge, and none elsewhere."""
    rows = [opportunity(provider=odd.provider, badges=[odd]) for _ in range(6)]
    site_session().add_all(rows)
    site_session().flush()
    derived.index(site_session(), [row.id for row in rows])
    site_session().commit()


def test_every_sample_says_what_it_shows_how_it_is_earned_and_by_whom_it_is_given(client: CheckedClient) -> None:
    providers = {each.slug: each.name for each in read().providers}
    for sample in read().pathways.badges:
        page = client.get(f"/badges/{sample.slug}?near=PL1+2AA")
        assert page.status == 200
        assert page.texts(".//h1") == [sample.name]
        assert page.texts(".//p[@class='in-short']") == [sample.summary]
        told = " ".join(page.texts(".//section[@class='words']/p"))
        assert told == " ".join(sample.criteria.split())
        facts = dict(zip(page.texts(".//dt"), page.texts(".//dd"), strict=True))
        layer = f"{labels.LAYERS[sample.layer]}. {labels.LAYER_MEANINGS[sample.layer]}"
        assert facts["Learning"] == layer
        assert (facts["Type"], facts["Level"], facts["Time"]) == (sample.type, sample.level, sample.time_needed)
        assert facts["Given by"] == providers[sample.provider]
        assert f"/providers/{sample.provider}?near=PL1" in links(page)


def test_what_it_costs_is_said(client: CheckedClient, odd: Badge) -> None:
    costs = {path: client.get(f"/badges/{path}").texts(".//dd") for path in ("first-aid-basics", "saw-it-done", "odd")}
    assert "£15" in costs["first-aid-basics"]
    assert "Free" in costs["saw-it-done"]
    assert "Ask about the cost" in costs["odd"]


def test_its_skills_lead_to_searches(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=PL1+2AA")
    found = [link for link in links(page) if link.startswith("/discover?")]
    assert found == ["/discover?near=PL1&skill=adapting", "/discover?near=PL1&skill=first-aid"]
    for link in (*found, "/discover?skill=first-aid"):
        assert client.get(link).status == 200
    assert "/discover?skill=first-aid" in links(client.get(PATH))


def test_without_a_place_it_asks_for_one(client: CheckedClient) -> None:
    page = client.get(PATH)
    assert page.texts(".//form//label") == ["Your postcode, or a town"]
    assert page.all(".//form")[0].get("action") == PATH
    assert "Then we show the nearest places to earn it." in page.text
    assert not page.all(NEAR)
    assert not page.all(".//*[@id='near-problem']")


def test_with_a_place_it_shows_the_nearest_with_distance_date_and_cost(client: CheckedClient) -> None:
    page = client.get("/badges/passed-it-on?near=LS1")
    shown = page.all(NEAR)
    assert len(shown) > 1
    assert f"{len(shown)} within 50 miles of LS1, the nearest first." in page.text
    for card in shown:
        assert re.search(r"(under|about)? ?[\d½]+ mi away", text_of(card))
        assert re.search(r"\d+(am|pm)|Any time|Apply by", text_of(card))
        assert re.search(r"Free|£", text_of(card))
    assert "1 within 50 miles of PL1 2AA." in client.get(f"{PATH}?near=PL1+2AA").text


def test_of_very_many_the_nearest_are_shown_and_said_to_be(
    site: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(badge_queries, "COUNTED", 2)
    page = client.get("/badges/passed-it-on?near=LS1")
    assert re.search(r"\d or more within 50 miles of LS1\. These are the nearest\.", page.text)


def test_with_nothing_near_the_nearest_anywhere_is_shown_and_said_to_be_far(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=KW1")
    said = " ".join(page.texts(".//section[@class='where-earned']/p[@class='note']"))
    assert "There is nothing within 50 miles of KW1. The nearest there is:" in said
    assert len(page.all(NEAR)) == 1


def test_what_is_online_is_counted_and_a_few_of_it_shown(client: CheckedClient, online_only: None) -> None:
    for path, note in (("/badges/odd", False), ("/badges/odd?near=PL1", True)):
        page = client.get(path)
        assert "6 online or anywhere. Here are a few:" in page.texts(".//p[@class='count']")
        assert len(page.all(ELSEWHERE)) == 4
        assert ("It is not earned at any one place just now" in page.text) == note
        assert "Nothing we know of earns this badge" not in page.text


def test_that_it_can_be_earned_nowhere_is_said(client: CheckedClient, odd: Badge) -> None:
    for path in ("/badges/odd", "/badges/odd?near=PL1+2AA"):
        page = client.get(path)
        (said,) = (text for text in page.texts(".//p[@class='note']") if text.startswith("Nothing we know of"))
        assert said.endswith("or ask <i>Us</i>.")
        assert not page.all(NEAR)
        assert not page.all(ELSEWHERE)


def test_it_says_where_it_leads_by_which_step_and_what_comes_next(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=PL1+2AA")
    assert "Where can this take me?" in page.texts(".//h2")
    said = page.texts(PATHWAYS)
    wanted = [
        (each, steps, number)
        for each in sorted(read().pathways.pathways, key=lambda each: each.title)
        for steps in [[step for step, _ in each.all_steps]]
        for number, step in enumerate(steps, start=1)
        if any(option.badge == "first-aid-basics" for option in step.options)
    ]
    assert len(said) == len({each.slug for each, _, _ in wanted}) > 1
    for each, steps, number in wanted:
        (line,) = (text for text in said if text.startswith(f"{each.title} "))
        assert f"Leads to: {each.destination}" in line
        following = steps[number].title if number < len(steps) else each.destination
        assert f"Step {number} of {len(steps)}: {steps[number - 1].title} Next: {following}" in line
        assert f"/pathways/{each.slug}?near=PL1" in links(page)


def test_after_the_last_step_comes_the_goal_and_a_step_to_skip_is_told(
    site: Flask, client: CheckedClient, odd: Badge
) -> None:
    steps: list[Step] = [a_step(named(odd)), a_step(named(odd))]
    made = pathway(*steps, destination="A quiet life", slug="odd-pathway")
    made.provider = odd.provider
    steps[1].is_optional = True
    site_session().add(made)
    site_session().commit()
    (line,) = client.get("/badges/odd").texts(PATHWAYS)
    assert "Step 1 of 2: A step Next: A step (you can skip this one)" in line
    assert line.endswith("Step 2 of 2: A step Next: A quiet life")


def test_a_badge_of_no_pathway_says_nothing_of_them(client: CheckedClient, odd: Badge) -> None:
    assert "Where can this take me?" not in client.get("/badges/odd").text


def test_what_an_issuer_writes_is_text_and_its_picture_is_left_where_it_is(client: CheckedClient, odd: Badge) -> None:
    page = client.get("/badges/odd?near=PL1")
    assert page.texts(".//h1") == ["</script><b>"]
    assert "We have not been told. Ask <i>Us</i>." in page.texts(".//section[@class='words']/p")
    assert "javascript:" not in page.text
    for each in (page, client.get("/badges")):
        assert "elsewhere.example" not in each.text
        assert not each.all(".//img")


def test_every_badge_is_drawn_in_its_layers_paint_with_its_steps(client: CheckedClient) -> None:
    climbed = {layer: number for number, layer in enumerate(Layer, start=1)}
    for sample in read().pathways.badges:
        drawing = client.get(f"/badges/{sample.slug}").all(".//header/{*}svg")[0]
        assert drawing.get("class") == f"rosette {sample.layer}"
        painted = [each for each in drawing.iter() if each.get("class") == "doorstep climbed"]
        assert len(painted) == climbed[sample.layer]


def test_links_say_roughly_where_and_no_more(client: CheckedClient) -> None:
    for path in (PATH, "/badges"):
        found = links(client.get(f"{path}?near=PL1+2AA"))
        assert any("near=PL1" in link for link in found)
        assert not [link for link in found if "2AA" in link]


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
    page = client.get(PATH, query_string={"near": near})
    assert page.status == 200
    assert page.texts(".//p[@id='near-problem']")[0].startswith(sentence)
    assert page.all(".//input[@name='near']")[0].get("aria-describedby") == "near-problem"
    assert page.all(PATHWAYS)


@pytest.mark.parametrize("path", ["/badges", PATH])
@given(query=queries)
@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_in_the_address_is_a_page_too(client: CheckedClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status in ((200, 400) if path == "/badges" else (200,))


@pytest.mark.parametrize("slug", ["no-such-badge", "%00", "é", "'--", "x" * 3_000])
def test_a_badge_that_does_not_exist_is_not_found(client: CheckedClient, slug: str) -> None:
    assert client.get(f"/badges/{slug}").status == 404


def test_the_page_names_its_own_address_and_says_what_it_is_about(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=PL1+2AA")
    assert page.all(".//link[@rel='canonical']")[0].get("href") == f"http://localhost{PATH}"
    (sample,) = (each for each in read().pathways.badges if each.slug == "first-aid-basics")
    assert page.all(".//meta[@name='description']")[0].get("content") == sample.summary


def test_it_tells_search_engines_what_it_is(client: CheckedClient) -> None:
    (data,) = client.get(f"{PATH}?near=PL1").all(".//script[@type='application/ld+json']")
    assert json.loads(data.text or "") == {
        "@context": "https://schema.org",
        "@type": "EducationalOccupationalCredential",
        "name": "First aid basics",
        "description": "You can keep calm, call for help and do the right thing in the first ten minutes.",
        "url": f"http://localhost{PATH}",
        "credentialCategory": "badge",
        "educationalLevel": "Beginner",
        "competencyRequired": ["Adapting", "First aid"],
        "recognizedBy": {
            "@type": "Organization",
            "name": "Plumbline Skills Trust",
            "url": "https://plumbline-skills-trust.example.org/",
            "description": "Helps people into building, engineering, care, kitchens and outdoor work, "
            "and pays fares for those who need it.",
        },
    }


def test_search_engines_are_told_nothing_that_is_not_known() -> None:
    made = badge(skills=[skill("welding")])
    made.provider = provider(name="Us", url="javascript:alert(1)")
    described = credential(made, "https://doorstep.example/badges/saw-it")
    assert described["competencyRequired"] == ["Welding"]
    assert described["recognizedBy"] == {"@type": "Organization", "name": "Us"}
    assert not {"educationalLevel", "description"} & described.keys()


def test_all_are_listed_by_layer_with_who_gives_them(client: CheckedClient) -> None:
    page = client.get("/badges")
    assert page.texts(".//main//h2") == [str(labels.LAYERS[layer]) for layer in Layer]
    providers = {each.slug: each.name for each in read().providers}
    order = list(Layer)
    samples = sorted(read().pathways.badges, key=lambda each: (order.index(each.layer), each.name))
    said = page.texts(".//ul[@class='badges']/li")
    assert said == [f"{each.name} {each.summary} {providers[each.provider]}" for each in samples]
    assert [link for link in links(page) if link.startswith("/badges/")] == [f"/badges/{each.slug}" for each in samples]


def test_pages_of_badges_lead_on_and_back(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badge_queries, "PAGE", 20)
    pages = [client.get(f"/badges?near=PL1+2AA&page={number}") for number in (1, 2)]
    assert [len(page.all(".//ul[@class='badges']/li")) for page in pages] == [20, len(read().pathways.badges) - 20]
    assert "/badges?near=PL1&page=2" in links(pages[0])
    assert "/badges?near=PL1" in links(pages[1])
    assert "/badges?near=PL1&page=3" not in links(pages[1])
    assert pages[1].all(".//link[@rel='canonical']")[0].get("href") == "http://localhost/badges?page=2"


def test_a_page_of_badges_beyond_the_last_says_so(client: CheckedClient) -> None:
    page = client.get("/badges?page=2")
    assert page.status == 200
    assert "There is nothing further on." in page.text
    assert client.get("/badges?page=none").status == 400


def test_an_opportunity_leads_to_the_badges_that_it_earns(site: Flask, client: CheckedClient) -> None:
    with site.app_context():
        earning = select(Opportunity).where(Opportunity.badges.any()).order_by(Opportunity.id).limit(1)
        one = site_session().scalar(earning)
        assert one is not None
        path, slugs = f"/opportunities/{one.id}-{one.slug}", [each.slug for each in one.badges]
    found = links(client.get(f"{path}?near=PL1+2AA"))
    assert [link for link in found if link.startswith("/badges/")] == [f"/badges/{slug}?near=PL1" for slug in slugs]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        # Whether samples are loaded; the badges with who gives them.
        ("/badges", 2),
        # Whether samples are loaded; the badge and its skills; its steps with their pathways, all steps of these, and
        # their groups; how many have no place, and two for some of them.
        (PATH, 1 + 2 + 3 + 3),
        # With a place also how far to look first (five circles), what is near, in at most six circles, and anywhere,
        # in at most six that double, each with the distances of its venues; and three for the cards.
        (f"{PATH}?near=KW1", 9 + 5 + 2 * (6 + 6) + 3),
    ],
)
def test_a_page_costs_a_bounded_number_of_statements(site: Flask, client: CheckedClient, path: str, most: int) -> None:
    with counting(site.extensions["engine"]) as statements:
        assert client.get(path).status == 200
    assert 0 < len(statements) <= most, statements
