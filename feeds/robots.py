"""What sites ask of crawlers in their robots.txt: RFC 9309, and the crawl delay that many add to it."""

import re
from collections.abc import Callable

from httpx2 import URL
from protego import Protego

from feeds.addresses import origin
from feeds.answers import FetchFailed
from feeds.failure import Refused

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: what is beyond may be left unread
LONGEST_DELAY_SECONDS = 30.0
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500


# As loosely as Protego reads them.
USER_AGENT = re.compile(r"^[ \t]*(user[ -]?agents?)[ \t]*[: \t](.*)$", re.I | re.M)
OTHERS = "0"  # no token has digits


class Robots:
    """Answers for one crawler from the robots.txt of each site, which is read once."""

    def __init__(self, read: Callable[[URL, str], bytes], user_agent: str) -> None:
        """`read` gives the file at an address or raises `FetchFailed` with the status that it was answered with.

        What it is given with the address is passed through: the host that may be private.
        """
        self._read = read
        self._name = product_token(user_agent)
        self._rules: dict[tuple[str, str, int], Protego | str] = {}

    def check(self, url: URL, home: str) -> None:
        """Raises `Refused` where the site asks us not to read this page."""
        rules = self._of(url, home)
        if isinstance(rules, str):
            raise Refused(f"not read, as the site's robots.txt cannot be ({rules})")
        if not rules.can_fetch(str(url), self._name):
            raise Refused("the site's robots.txt asks us not to read this")

    def delay_seconds(self, url: URL, home: str) -> float:
        """How long the site asks us to leave between two pages; half a minute where it asks for more."""
        rules = self._of(url, home)
        asked = None if isinstance(rules, str) else rules.crawl_delay(self._name)
        return min(asked or 0.0, LONGEST_DELAY_SECONDS)

    def _of(self, url: URL, home: str) -> Protego | str:
        site = origin(url)
        if site not in self._rules:
            self._rules[site] = self._new(url, home)
        return self._rules[site]

    def _new(self, url: URL, home: str) -> Protego | str:
        """A site's rules, or why there are none: a missing file allows all, one out of reach nothing (2.3.1)."""
        try:
            text = self._read(url.copy_with(raw_path=b"/robots.txt"), home)
        except FetchFailed as failure:
            missing = failure.status is not None and failure.status < SERVER_ERRORS
            return Protego.parse("") if missing and failure.status != TOO_MANY_REQUESTS else str(failure)
        return Protego.parse(_for_us(text.decode("utf-8-sig", "replace"), self._name))


def product_token(name: str) -> str:
    """What a crawler is known by: the letters, hyphens and underscores that its name starts with (RFC 9309, 2.2.1)."""
    found = re.match("[a-z_-]*", name.strip().lower())
    return found[0] if found else ""


def _for_us(text: str, name: str) -> str:
    """The rules with all other crawlers under one name.

    They are nothing to us, and thousands of them that share thousands of rules would fill the memory. What is left
    matches as the RFC says: the whole token, and neither the start of one nor a part.
    """

    def one_of_three(line: re.Match[str]) -> str:
        crawler = line[2].partition("#")[0].strip()
        return f"User-agent: {crawler if crawler == '*' else name if product_token(crawler) == name else OTHERS}"

    return USER_AGENT.sub(one_of_three, "\n".join(text.splitlines()))
