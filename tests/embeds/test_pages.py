"""The widgets: a pathway, what a provider offers near, a postcode box, and the ways from them to us."""

import re
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalogue.pathway_pages import pathway
from catalogue.seeds import read
from database.session import session
from embeds import views
from settings import ROOT
from tests.client import Answer, CheckedClient, text_of
from tests.discover.test_rubbish import RAW, RUBBISH
from tests.web.test_paint import LAYERS

SLUG = "cook-for-a-living"
PATHWAY = f"/embed/pathways/{SLUG}"
PROVIDER = "/embed/opportunities?provider=plumbline-skills-trust"
STEPS = ".//ol[@class='steps']/li"
OFFER = ".//div[@class='body']"
FROM_COLLEGE = {"Referer": "https://college.example/a/page?who=me"}
MOST_BYTES = 12_000
PLACES = [PATHWAY, PROVIDER, "/embed/opportunities", "/embed/search"]


def with_query(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def addresses(page: Answer) -> list[str]:
    """Everything that the page loads, leads to or sends to."""
    found = [each.get(name) for name in ("href", "src", "action") for each in page.all(f".//*[@{name}]")]
    return [address or "" for address in found]


def go_links(page: Answer) -> list[str]:
    return [link.get("href") or "" for link in page.all(".//a")]


def test_every_sample_is_a_widget_with_its_steps_in_order(client: CheckedClient) -> None:
    for sample in read().pathways.pathways:
        page = client.get(f"/embed/pathways/{sample.slug}")
        assert page.status == 200
        assert page.texts(".//header//h2") == [sample.title]
        assert page.texts(f"{STEPS}//h3") == [step.title for step, _ in sample.all_steps]
        assert [step.get("class") for step in page.all(STEPS)] == [step.layer.value for step, _ in sample.all_steps]
        assert page.texts(".//p[@class='goal']") == [f"Leads to: {sample.destination}"]


def test_with_a_place_each_step_shows_its_nearest_opportunity(client: CheckedClient) -> None:
    page = client.get(f"{PATHWAY}?near=PL1+2AA")
    ours = client.get(f"/pathways/{SLUG}?near=PL1+2AA")
    shown = [text_of(link) for link in page.all(f"{STEPS}//p[@class='what']")]
    assert shown == ours.texts(".//li[@id]/div/ul[@class='nearest']/li//p[@class='what']")
    assert len(shown) >= 3
    for offer in page.all(f"{STEPS}//div[@class='asked']/div"):
        said = text_of(offer)
        assert re.search(r"[\d.]+ mi away", said)
        assert offer.findall(".//p[@class='by']")
        assert len(offer.findall(".//p[@class='facts']/span")) == 2


def test_without_a_place_it_asks_for_one(client: CheckedClient) -> None:
    page = client.get(PATHWAY)
    assert page.texts(".//form//label") == ["Your postcode, or a town"]
    assert "Then each step shows the nearest way to do it." in page.text
    assert not page.all(".//p[@class='what']")


@pytest.mark.parametrize("path", PLACES)
def test_it_ends_with_the_day_it_was_checked_and_a_link_to_us(client: CheckedClient, path: str) -> None:
    page = client.get(path)
    (footer,) = page.texts(".//footer")
    assert re.search(r"Checked on \w+day \d+ \w+ On Doorstep$", footer)
    (link,) = page.all(".//footer//a")
    assert client.get(link.get("href") or "").status == 302


@pytest.mark.parametrize("path", [each for each in PLACES for each in (each, with_query(each, "near=PL1+2AA"))])
def test_it_is_whole_and_links_to_nobody_else(client: CheckedClient, path: str) -> None:
    page = client.get(path, headers=FROM_COLLEGE)
    assert page.text.lstrip().startswith("<!DOCTYPE html>")
    assert page.all("./head/title")
    assert page.all("./body/main")
    found = [address for address in addresses(page) if address != "data:,"]
    assert len(found) >= 4
    assert all(address.startswith("/") and not address.startswith("//") for address in found)
    for link in page.all(".//a"):
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")
    assert "hx-" not in page.text
    assert "nonce" not in page.text
    assert "style=" not in page.text


def test_links_say_roughly_where_and_for_which_widget(client: CheckedClient) -> None:
    found = go_links(client.get(f"{PATHWAY}?near=PL1+2AA", headers=FROM_COLLEGE))
    assert len(found) >= 4
    for link in found:
        assert parse_qs(urlsplit(link).query) == {
            "via": [f"pathway:{SLUG}"],
            "host": ["college.example"],
            "near": ["PL1"],
        }


@pytest.mark.parametrize("referer", ["", "http://localhost/pathways/x/embed", "https://[", "about:blank"])
def test_without_a_page_around_it_links_name_no_host(client: CheckedClient, referer: str) -> None:
    for link in go_links(client.get(PATHWAY, headers={"Referer": referer} if referer else {})):
        assert parse_qs(urlsplit(link).query) == {"via": [f"pathway:{SLUG}"]}


def test_every_link_leads_to_a_page_of_ours(client: CheckedClient) -> None:
    for path in PLACES:
        for link in go_links(client.get(with_query(path, "near=PL1+2AA"))):
            answer = client.get(link)
            assert answer.status == 302
            assert answer.headers["Location"].startswith("/")
            assert "near=PL1" in answer.headers["Location"]
            assert client.get(answer.headers["Location"]).status == 200


def test_a_form_opens_our_own_page_in_a_new_tab(client: CheckedClient) -> None:
    for path in PLACES:
        (form,) = client.get(path, headers=FROM_COLLEGE).all(".//form")
        assert (form.get("method"), form.get("target"), form.get("rel")) == ("get", "_blank", "noopener")
        hidden = {each.get("name"): each.get("value") for each in form.findall(".//input[@type='hidden']")}
        assert set(hidden) == {"via", "host"}
        answer = client.get(form.get("action") or "", query_string={"near": "PL1 2AA", **hidden})
        assert answer.status == 302
        assert client.get(answer.headers["Location"]).all(".//input[@name='near']")[0].get("value") == "PL1 2AA"


def test_a_form_stays_inside_if_so_chosen_and_keeps_what_was_chosen(client: CheckedClient) -> None:
    chosen = {"theme": "dark", "accent": "0a7d5c", "steps": "3", "target": "inside"}
    for path in PLACES:
        asked, _, query = path.partition("?")
        (form,) = client.get(with_query(path, "&".join(f"{k}={v}" for k, v in chosen.items()))).all(".//form")
        assert (form.get("action"), form.get("target")) == (asked, None)
        hidden = {each.get("name"): each.get("value") for each in form.findall(".//input[@type='hidden']")}
        assert hidden == chosen | {name: values[0] for name, values in parse_qs(query).items()}
        assert client.get(asked, query_string={"near": "PL1 2AA", **hidden}).all(".//p[@class='what']")


def test_options_are_followed(client: CheckedClient) -> None:
    page = client.get(f"{PATHWAY}?near=PL1&steps=2&compact=1&heading=4&theme=dark&accent=%230A7D5C")
    assert len(page.all(STEPS)) == 2
    assert page.texts(".//header//h4")
    assert len(page.all(f"{STEPS}//h5")) == 2
    assert not page.all(f"{STEPS}/details[@open]")
    assert page.tree is not None
    assert page.tree.get("class") == "dark compact"
    assert "--accent:" in page.texts(".//style")[0]
    assert page.texts(".//p[@class='more']") == ["See the 3 steps after these"]
    assert client.get(f"{PATHWAY}?heading=6").all(f"{STEPS}//h6")


def test_only_the_first_step_is_open(client: CheckedClient) -> None:
    page = client.get(PATHWAY)
    assert page.all(f"{STEPS}/details")[0].get("open") is not None
    assert len(page.all(f"{STEPS}/details[@open]")) == 1


def test_what_a_provider_offers_is_theirs_alone_and_nearest_first(client: CheckedClient) -> None:
    page = client.get(with_query(PROVIDER, "near=PL1+2AA&steps=12"))
    ours = client.get("/providers/plumbline-skills-trust?near=PL1+2AA")
    assert page.texts(".//p[@class='what']") == ours.texts(".//main//section//h3")[: len(page.all(OFFER))]
    assert page.all(OFFER)


def test_a_shared_name_offers_the_others_where_the_form_leads(client: CheckedClient) -> None:
    page = client.get(f"{PATHWAY}?near=Newport&target=inside")
    buttons = page.all(".//form[@class='others']//button")
    assert len(buttons) > 1
    assert all(button.get("name") == "near" for button in buttons)
    again = client.get(PATHWAY, query_string={"near": buttons[0].get("value"), "target": "inside"})
    assert again.status == 200


@pytest.mark.parametrize("near", ["ZZ9 9ZZ", "Nowheresby", "<script>alert(1)</script>", '"><b>', "x" * 5000])
def test_a_place_that_is_none_is_said_and_the_widget_is_there(client: CheckedClient, near: str) -> None:
    page = client.get(PATHWAY, query_string={"near": near})
    assert page.status == 200
    assert len(page.all(".//p[@class='message']")) == 1
    assert len(page.all(STEPS)) == 5
    assert not page.all(".//b")
    assert len(page.all(".//script")) == 1


@pytest.mark.parametrize("query", ["accent=javascript:", "theme=x", "steps=99", "heading=0", "target=_top", "lang=cy"])
def test_a_bad_parameter_is_said_and_the_rest_is_kept(client: CheckedClient, query: str) -> None:
    page = client.get(f"{PATHWAY}?near=PL1+2AA&{query}")
    assert page.status == 400
    assert len(page.all(".//p[@class='message']")) == 1
    assert page.all(".//p[@class='what']")
    assert "javascript:" not in page.text


@pytest.mark.parametrize("path", ["/embed/pathways/nothing", "/embed/opportunities?provider=nobody"])
def test_what_is_unknown_is_a_small_page(client: CheckedClient, path: str) -> None:
    page = client.get(with_query(path, "theme=dark"))
    assert page.status == 404
    assert page.texts(".//main") == ["What was here is not on Doorstep any more, or its address is wrong."]
    assert page.texts(".//a") == ["Go to Doorstep"]


@pytest.mark.parametrize("path", ["pathway/2147483647", "opportunity/2147483647", "provider/2147483647", "x/1"])
def test_a_way_to_nothing_is_not_found(client: CheckedClient, path: str) -> None:
    assert client.get(f"/embed/go/{path}").status == 404


def test_the_number_of_a_pathway_is_that_of_the_catalogue(site: Flask, client: CheckedClient) -> None:
    with site.app_context():
        found = pathway(session(), SLUG)
    assert found is not None
    assert client.get(f"/embed/go/pathway/{found.id}").headers["Location"] == f"/pathways/{SLUG}"


def test_views_and_clicks_are_counted_for_the_page_around(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, str, str]] = []
    monkeypatch.setattr(views, "count_view", lambda widget, host: counted.append(("view", widget, host)))
    monkeypatch.setattr(views, "count_click", lambda widget, host: counted.append(("click", widget, host)))
    page = client.get(PATHWAY, headers=FROM_COLLEGE)
    client.get(PATHWAY, headers=FROM_COLLEGE | {"If-None-Match": page.headers["ETag"]})
    client.get(go_links(page)[-1])
    client.get("/embed/pathways/nothing", headers=FROM_COLLEGE)
    client.get("/embed/go/search?via=nonsense&host=a.example")
    client.get("/embed/go/search?via=search&host=%3Cb%3E")
    assert counted == [
        ("view", f"pathway:{SLUG}", "college.example"),
        ("view", f"pathway:{SLUG}", "college.example"),
        ("click", f"pathway:{SLUG}", "college.example"),
        ("click", "search", ""),
    ]


NAMES = ("near", "lang", "theme", "accent", "ground", "radius", "compact", "steps", "heading", "target", "provider")
queries = st.lists(
    st.builds(
        "{}={}".format,
        st.sampled_from((*NAMES, "host", "via", "", "\0", "🚪")).map(quote_plus),
        st.one_of(
            st.sampled_from(RUBBISH).map(quote_plus), st.text(max_size=100).map(quote_plus), st.sampled_from(RAW)
        ),
    ),
    max_size=10,
).map("&".join)


@pytest.mark.parametrize("path", ["/embed/pathways/cook-for-a-living", "/embed/opportunities", "/embed/search"])
@given(query=queries)
@example(query="&".join(f"{name}={quote_plus(value)}" for name in NAMES for value in RUBBISH))
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_is_answered_with_a_widget(client: CheckedClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}", headers=FROM_COLLEGE)
    assert answer.status in (200, 400, 404)
    assert "javascript:" not in answer.text.lower()
    assert len(answer.all(".//script")) == 1
    if answer.status == 400:
        assert all(answer.texts(".//*[@class='message']"))


@given(query=queries)
@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_never_leads_off_our_site(client: CheckedClient, query: str) -> None:
    answer = client.get(f"/embed/go/search?{query}")
    assert answer.status == 302
    assert re.match(r"/($|discover\?)", answer.headers["Location"])


def test_the_paints_are_those_of_our_own_pages() -> None:
    def rules(name: str) -> set[tuple[str, str]]:
        text = (ROOT / "static" / "css" / name).read_text()
        return set(
            re.findall(r"--((?:on-)?(?:" + "|".join(LAYERS) + r")|ground|ink|quiet|line): (#[0-9a-f]{6});", text)
        )

    assert rules("embed.css") == rules("base.css")


def test_a_widget_is_light(site: Flask, client: CheckedClient) -> None:
    path = f"{PATHWAY}?near=PL1+2AA&accent=0a7d5c"
    files = [address for address in addresses(client.get(path)) if address.startswith("/static/")]
    assert len(files) == 2
    size = 0
    for address in (path, *files):
        with site.test_client().get(address, headers={"Accept-Encoding": "br"}) as answer:
            assert answer.headers["Content-Encoding"] == "br"
            size += len(answer.data)
    assert 0 < size <= MOST_BYTES
