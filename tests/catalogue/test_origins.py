"""Origins: what may stand in a `frame-ancestors`, and how it is written."""

import pytest

from catalogue.origins import BadOrigin, is_host, origin


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://college.example", "https://college.example"),
        ("https://College.Example/", "https://college.example"),
        (" https://college.example:443 ", "https://college.example"),
        ("https://college.example:8443", "https://college.example:8443"),
        ("https://intranet", "https://intranet"),
        ("https://xn--caf-dma.example", "https://xn--caf-dma.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://college.localhost:9000", "http://college.localhost:9000"),
    ],
)
def test_an_origin_is_written_in_one_way(text: str, kept: str) -> None:
    assert origin(text) == kept
    assert origin(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "college.example",
        "//college.example",
        "ftp://college.example",
        "javascript:alert(1)",
        "https://",
        "https://*.college.example",
        "https://college.example; script-src *",
        "https://college.example https://other.example",
        "https://college.example,other.example",
        "https://café.example",
        "https://-college.example",
        "https://college-.example",
        "https://college..example",
        "https://[::1]",
        "https://[::1",
        "https://college.example:0",
        "https://college.example:99999",
        "https://college.example:port",
        "https://" + "a." * 130 + "example",
        "'none'",
        "*",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin, match=r"https://college\.example"):
        origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://college.example/courses",
        "https://college.example/?a=b",
        "https://college.example?a",
        "https://college.example/#top",
        "https://someone@college.example",
        "https://someone:secret@college.example",
    ],
)
def test_more_than_a_scheme_and_a_host_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin, match="no path"):
        origin(text)


@pytest.mark.parametrize(
    "text", ["http://college.example", "http://localhost.example", "http://128.0.0.1", "http://1270.0.0.1"]
)
def test_only_this_machine_may_do_without_https(text: str) -> None:
    with pytest.raises(BadOrigin, match="must be https"):
        origin(text)


def test_hosts() -> None:
    assert all(map(is_host, ("a", "a.example", "1.2.3.4", "a-b.example", "a" * 63)))
    assert not any(map(is_host, ("", ".", "a.", "A", "a_b", "a" * 64, "a b", "=1+1", "a\n")))
