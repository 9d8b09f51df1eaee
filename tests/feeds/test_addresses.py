"""Which addresses may be fetched, and how they are shown."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.addresses import LONGEST_SHOWN, check_port, parsed, shown, why_refused
from feeds.failure import Refused

NEVER = [
    "0.0.0.0",  # noqa: S104 - not bound to
    "0.1.2.3",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::1%1",
    "not a number",
    "1.2.3",
]
PRIVATE = [
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "100.63.255.255",
    "172.32.0.1",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2a00:1450:4009::1",
    "::ffff:93.184.215.14",
    "64:ff9b::93.184.215.14",
]


@pytest.mark.parametrize("address", NEVER)
def test_what_is_no_host_of_the_internet_is_refused_whoever_asks(address: str) -> None:
    assert why_refused(address)
    assert why_refused(address, allow_private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_for_those_who_may(address: str) -> None:
    assert why_refused(address) == "a private address"
    assert why_refused(address, allow_private=True) is None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_for_everyone(address: str) -> None:
    assert why_refused(address) is None


@given(st.ip_addresses())
def test_what_python_knows_as_not_global_is_refused_too(
    number: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not number.is_global and number not in ipaddress.ip_network("64:ff9b::/96"):
        assert why_refused(str(number))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://feeds.example/", "only http and https are fetched, not ftp"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("gopher://feeds.example:70/", "only http and https are fetched, not gopher"),
        ("feeds.example/rpde", "only http and https are fetched, not nothing"),
        ("", "only http and https are fetched, not nothing"),
        ("http://", "the address names no host"),
        ("http:///rpde", "the address names no host"),
        ("http://%00/", "the address names no host"),
        ("http://a b/", "the address names no host"),
        ("http://[::1%25eth0]/", ""),
        ("http://[::1/", ""),
        ("http://feeds.example:port/", "this is not an address"),
        ("http://0177.0.0.1/", ""),
        ("http://feeds.example:99999/", "this is not an address"),
        ("http://feeds.example/\r\nHost: evil", "this is not an address"),
        ("http://me:secret@feeds.example/", "take the name and the password out of the address"),
        ("http://me@feeds.example/", "take the name and the password out of the address"),
        ("http://feeds.example/" + "x" * 9_000, "the address is longer than 8,000 characters"),
    ],
)
def test_what_is_no_address_of_a_feed_is_refused_in_one_line(address: str, reason: str) -> None:
    with pytest.raises(Refused) as failed:
        parsed(address)
    line = str(failed.value)
    assert reason in line
    assert line.isprintable()
    assert "secret" not in line


def test_hosts_in_any_script_and_as_numbers_are_taken() -> None:
    assert parsed("https://münchen.example/a#b").raw_host == b"xn--mnchen-3ya.example"
    assert parsed("https://[2606:2800::1]:8443/").port == 8443
    assert str(parsed("HTTPS://Feeds.Example/A")) == "https://feeds.example/A"


@pytest.mark.parametrize("port", [80, 443, 1024, 8080, 8443, 49152])
def test_ports_that_the_web_is_at_are_taken(port: int) -> None:
    check_port(parsed(f"http://feeds.example:{port}/"))


@pytest.mark.parametrize("port", [1, 22, 25, 445, 1023, 6000, 6667, 10080])
def test_ports_of_other_services_are_not(port: int) -> None:
    with pytest.raises(Refused, match=f"port {port} is not one for web pages"):
        check_port(parsed(f"http://feeds.example:{port}/"))


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("https://a.example/rpde?afterTimestamp=1553707582&afterId=42#x", "https://a.example/rpde?afterTimestamp=1553707582&afterId=42"),
        ("https://a.example/?api_key=abc&page=2", "https://a.example/?api_key=…&page=2"),
        ("https://a.example/?Subscription-Key=abc", "https://a.example/?Subscription-Key=…"),
        ("https://a.example/?k%65y=abc", "https://a.example/?key=…"),
        ("https://a.example/?q=0123456789abcdef0123456789abcdef", "https://a.example/?q=…"),
        ("https://a.example/?0123456789abcdef0123456789abcdef", "https://a.example/?…"),
        ("https://a.example/?q=a1%2Fb2%2Fc3%2Fd4%2Fe5%2Ff6%3D", "https://a.example/?q=…"),
        ("https://me:secret@a.example/", "https://…@a.example/"),
        ("https://a.example/\n\x1b[31m", "https://a.example/��[31m"),
    ],
)  # fmt: skip
def test_addresses_are_shown_without_their_keys(address: str, seen: str) -> None:
    assert shown(address) == seen


def test_a_key_that_is_cut_off_is_not_shown_in_part() -> None:
    start = "https://a.example/?" + "key=" + "x" * 1_970
    assert shown(start + "&q=d41d8cd98f00b204e9800998ecf8427e") == "https://a.example/?key=…&…"


def test_long_addresses_are_cut_for_showing() -> None:
    assert len(shown("https://a.example/" + "x" * 9_000)) == LONGEST_SHOWN


@given(st.text())
@example("http://a.example/?" + "aB" * 100_000)
@example("http://a.example/?" + "k=" * 100_000)
@example("//" * 100_000)
def test_anything_is_shown_in_one_line(text: str) -> None:
    assert shown(text).isprintable()
