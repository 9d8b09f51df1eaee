"""Whatever stands in the query string, the pages of a search say what they could not use and answer the rest."""

from urllib.parse import quote_plus

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.client import HTMX, Answer, CheckedClient

# Where one value is taken it is the first: these can still be used whatever follows.
GOOD = "near=PL1+2AA&kind=job"
NAMES = (
    *("near", "q", "kind", "layer", "skill", "free", "age", "when", "from", "to", "time", "within", "sort"),
    *("page", "through", "lat", "kind[]", "kind[0][a]", "", "\0", "🚪"),
)
# What must not stand in a page or a query, and what is odd to see.
UNSEEN = ("", " ", "\0", "a\0b", "\x01\x1b", "\x85", "\ufdd0", "\U0001ffff", "\u202e\ufeff", "🚪\u200d🎓", "x" * 6_000)
# What is nearly a number, a date or a value of another kind.
NEARLY = ("-1", "0", "1.5", "1e400", "nan", "inf", "9" * 400, "٣", "½", "2026-02-30", "2026-12-12..2026-12-05", "{}")
# What means something to whoever reads it without care.
TELLING = ("<script>alert(1)</script>", "'--", '"', "&amp;", "${7*7}", "{{7*7}}", "%(value)s", "%", "[[[]]]", "../../x")
RUBBISH = (*UNSEEN, *NEARLY, *TELLING)
# As no browser would write them.
RAW = ("%", "%zz", "%ff%fe", "%ed%a0%80", "+", "=", ";", "[", "#", "%00", "%2", "a=b")

encoded = st.one_of(st.sampled_from(RUBBISH), st.text(max_size=200), st.integers().map(str)).map(quote_plus)
pairs = st.builds(
    "{}={}".format,
    st.one_of(st.sampled_from(NAMES), st.text(max_size=20)).map(quote_plus),
    st.one_of(encoded, st.sampled_from(RAW)),
)
queries = st.lists(pairs, max_size=12).map("&".join)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("path", ["/discover", "/discover/map", "/discover/anywhere"])
@given(query=queries)
@example(query="&".join(f"{name}={quote_plus(value)}" for name in NAMES for value in RUBBISH))
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_is_left_out_with_a_sentence(
    client: CheckedClient, path: str, headers: dict[str, str], query: str
) -> None:
    answer = client.get(f"{path}?{GOOD}&{query}", headers=headers)
    assert answer.status in (200, 400)
    messages = answer.texts(".//*[@class='message']")
    assert all(messages)
    assert bool(messages) == (answer.status == 400)
    assert is_job_chosen(answer, path)


@given(query=queries)
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_in_place_of_a_place_is_a_page_too(client: CheckedClient, query: str) -> None:
    answer = client.get(f"/discover?{query}")
    assert answer.status in (200, 400)


@given(query=queries)
@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_does_not_break_showing_more(client: CheckedClient, query: str) -> None:
    answer = client.get(f"/discover?{GOOD}&{query}", headers=HTMX | {"HX-Target": "hits"})
    assert answer.status in (200, 400)


@pytest.mark.parametrize("value", [*RUBBISH, *RAW])
def test_a_kind_that_is_none_is_named_or_empty(site: Flask, value: str) -> None:
    client = CheckedClient(site)
    raw = value if value in RAW else quote_plus(value)
    answer = client.get(f"/discover?{GOOD}&kind={raw}")
    # Nothing to say of what is empty, or ends the value in a URL.
    assert answer.status == 200 if raw in ("", "#") else 400
    assert is_job_chosen(answer, "/discover")


def is_job_chosen(answer: Answer, path: str) -> bool:
    """Whether its chip says so; where there are no chips, whether nothing is shown but jobs."""
    if path == "/discover/anywhere":
        return all("Job" in tags for tags in answer.texts(".//*[@class='tags']"))
    return [chip.get("aria-current") for chip in answer.all(".//a[@id='chip-job']")] == ["true"]
