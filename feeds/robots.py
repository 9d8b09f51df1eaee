"""What sites ask of crawlers in their robots.txt: RFC 9309, and the crawl delay that many add to it."""

from collections.abc import Callable

from httpx2 import URL
from protego import Protego

from feeds.addresses import origin, shown
from feeds.failure import FetchFailed

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: what is beyond may be left unread
LONGEST_DELAY_SECONDS = 30.0
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500


class Robots:
    """Answers for one crawler from the robots.txt of each site, which is read once."""

    def __init__(self, read: Callable[[URL], bytes], user_agent: str) -> None:
        """`read` gives the file at an address or raises `FetchFailed` with the status that it was answered with."""
        self._read = read
        self._name = user_agent.partition("/")[0].strip()  # the product token: RFC 9309, 2.2.1
        self._rules: dict[tuple[str, str, int], Protego | str] = {}

    def check(self, url: URL) -> None:
        """Raises `FetchFailed` where the site asks us not to read this page."""
        rules = self._of(url)
        if isinstance(rules, str):
            raise FetchFailed(f"{shown(url)}: not read, as the site's robots.txt cannot be ({rules})")
        if not rules.can_fetch(str(url), self._name):
            raise FetchFailed(f"{shown(url)}: the site's robots.txt asks us not to read this")

    def delay_seconds(self, url: URL) -> float:
        """How long the site asks us to leave between two pages; half a minute where it asks for more."""
        rules = self._of(url)
        asked = None if isinstance(rules, str) else rules.crawl_delay(self._name)
        return min(asked or 0.0, LONGEST_DELAY_SECONDS)

    def _of(self, url: URL) -> Protego | str:
        site = origin(url)
        if site not in self._rules:
            self._rules[site] = self._new(url)
        return self._rules[site]

    def _new(self, url: URL) -> Protego | str:
        """A site's rules, or why there are none: a missing file allows all, one out of reach nothing (2.3.1)."""
        try:
            text = self._read(url.copy_with(raw_path=b"/robots.txt"))
        except FetchFailed as failure:
            missing = failure.status is not None and failure.status < SERVER_ERRORS
            return Protego.parse("") if missing and failure.status != TOO_MANY_REQUESTS else str(failure)
        return Protego.parse(text.decode("utf-8-sig", "replace"))
