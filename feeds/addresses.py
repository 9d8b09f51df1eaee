"""Which addresses may be fetched: the rules for URLs, and for what a host's name resolves to."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote

from httpx2 import URL, InvalidURL

from feeds.failure import Refused

LONGEST_URL = 8_000
LONGEST_SHOWN = 300
LONGEST_LOOKED_AT = 2_000
LONG_RUN = 32
# Of those above 1023, what browsers never speak to: https://fetch.spec.whatwg.org/#port-blocking
BLOCKED_PORTS = frozenset({1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679})
BLOCKED_PORTS |= {6697, 10080}
LEAST_FREE_PORT = 1024

PRIVATE = "a private address"
# Reachable inside one organisation only: https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-.
PRIVATE_4 = [
    IPv4Network(each) for each in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
PRIVATE_6 = [IPv6Network("::1/128"), IPv6Network("fc00::/7")]
# What no source is at: this network, link-local (where clouds keep secrets), tests, multicast, what is reserved.
NEVER_4 = [
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "168.63.129.16/32",  # Azure's own service to its machines, at a public address
    )
]
PUBLIC_6 = IPv6Network("2000::/3")
# Teredo and other protocols' own, documentation, 6to4.
NEVER_6 = [IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: its last 32 bits are an IPv4 address

HOST = re.compile(rb"[0-9a-z._-]+|[0-9a-f:.]*:[0-9a-f:.]*")
KEY_NAME = re.compile(r"key|token|secret|sig|pass|pwd|auth|code|credential|session|subscription|hash|hmac", re.I)
RUN = re.compile(r"[\w.~+/=-]{16,}", re.ASCII)


def parsed(address: str | URL) -> URL:
    """The address as one that may be asked for, without its fragment. Raises `Refused`.

    http and https only, with a host, without a name or a password in it. Of the ports 80, 443 and those from 1024
    that browsers speak to: lower ones belong to services that are not the web's, and are not to be talked to by way
    of a feed.
    """
    url: URL | None
    try:
        url = URL(address)
    except (InvalidURL, ValueError):
        url = None
    if url is None or not 0 < (url.port or 1) < 65_536:
        raise Refused("this is not an address that can be read")
    if len(str(url)) > LONGEST_URL:
        raise Refused(f"the address is longer than {LONGEST_URL:,} characters")
    if url.scheme not in ("http", "https"):
        raise Refused(f"only http and https are fetched, not {_plain(url.scheme) or 'nothing'}")
    if not HOST.fullmatch(url.raw_host):
        raise Refused("the address names no host that could be")
    if url.userinfo:
        raise Refused("take the name and the password out of the address")
    return url.copy_with(fragment=None)


def check_port(url: URL) -> None:
    """Raises `Refused` for a port that the web is not at."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if port not in (80, 443) and (port < LEAST_FREE_PORT or port in BLOCKED_PORTS):
        raise Refused(f"port {port} is not one for web pages")


def origin(url: URL) -> tuple[str, str, int]:
    """Scheme, host and port, which is what a key is trusted to."""
    return url.scheme, url.host.rstrip("."), url.port or (443 if url.scheme == "https" else 80)


def why_refused(address: str, *, allow_private: bool = False) -> str | None:
    """Why a numeric address, IPv4 or IPv6, is not connected to, in a word or two; None where it may be.

    With `allow_private` loopback, private networks and a carrier's own (RFC 1918, 6598 and 4193) may be, but still
    neither link-local addresses nor those that are no host's.
    """
    try:
        number = ip_address(address)
    except ValueError:
        return "not a numeric address"
    if isinstance(number, IPv6Address):
        mapped = number.ipv4_mapped
        if mapped is None and number not in NAT64:
            return _why_refused_6(number, allow_private)
        number = mapped or IPv4Address(int(number) & 0xFFFF_FFFF)
    return _why_refused_4(number, allow_private)


def _why_refused_4(number: IPv4Address, allow_private: bool) -> str | None:
    if any(number in network for network in PRIVATE_4):
        return None if allow_private else PRIVATE
    if number.is_link_local:
        return "a link-local address"
    return "not a public address" if any(number in network for network in NEVER_4) else None


def _why_refused_6(number: IPv6Address, allow_private: bool) -> str | None:
    if number.scope_id is None and any(number in network for network in PRIVATE_6):
        return None if allow_private else PRIVATE
    if number.is_link_local:
        return "a link-local address"
    if number not in PUBLIC_6 or any(number in network for network in NEVER_6):
        return "not a public address"
    return None


def shown(url: str | URL) -> str:
    """An address as it may stand in a message or a log: one short line, its keys and passwords hidden."""
    text = re.sub(r"//[^/?#]*@", "//…@", str(url)[:LONGEST_LOOKED_AT])
    front, asked, query = text.partition("#")[0].partition("?")
    pairs = query.split("&")
    if len(str(url)) > LONGEST_LOOKED_AT:
        pairs[-1] = "…"  # which may be the half of a key
    line = _plain(front + asked + "&".join(_without_key(each) for each in pairs))
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"


def _without_key(pair: str) -> str:
    name, equals, value = unquote(pair).partition("=")
    if not equals:
        return "…" if _looks_like_a_key(name) else pair
    return f"{name}=…" if value and (KEY_NAME.search(name) or _looks_like_a_key(value)) else pair


def _looks_like_a_key(text: str) -> bool:
    """Whether it has 16 characters in a row of the sort that keys are made of, letters and digits among them, or 32."""
    return any(
        len(run) >= LONG_RUN or (re.search("[A-Za-z]", run) and re.search("[0-9]", run)) for run in RUN.findall(text)
    )


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "�" for each in text)
