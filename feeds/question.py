"""What is asked of a source, and which of it goes along when the source redirects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from httpx2 import URL, InvalidURL

from feeds.addresses import origin, parsed, shown
from feeds.answers import SENDABLE, Conditions, conditional
from feeds.failure import Refused

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What may be told to anyone. Every other header of a caller's is taken for a key.
PLAIN_HEADERS = frozenset({"accept", "accept-language", "x-version"})


@dataclass(frozen=True, slots=True)
class Question:
    """One GET. `max_bytes` is of the body, unpacked; what is beyond is left unread where it `may_be_cut`."""

    url: URL
    headers: Mapping[str, str]
    conditions: Conditions
    max_bytes: int
    deadline_seconds: float
    obey_robots: bool = False
    may_be_cut: bool = False

    @property
    def host(self) -> str:
        """As connections know it: without brackets, in Punycode."""
        return self.url.raw_host.decode("ascii")

    @property
    def has_key(self) -> bool:
        return any(name.lower() not in PLAIN_HEADERS for name in self.headers)

    def sent(self) -> dict[str, str]:
        """The headers of the request."""
        return {**self.headers, **conditional(self.conditions)}

    def check_headers(self) -> None:
        """Raises `Refused` for a header that cannot be sent; an HTTP library's message would quote it."""
        for name, value in self.headers.items():
            if not HEADER_NAME.fullmatch(name) or not SENDABLE.fullmatch(value):
                raise Refused(f"what is to be sent as {name[:40]!r} is empty or not plain ASCII")

    def redirected(self, location: str) -> "Question":
        """The question to ask where a redirect leads: of another origin without the keys. Raises `Refused`."""
        try:
            to = self.url.join(location)
        except (InvalidURL, ValueError):
            raise Refused("it redirects to what is no address") from None
        try:
            to = parsed(to)
        except Refused as refused:
            raise Refused(f"it redirects to {shown(to)}: {refused}") from None
        if origin(to) == origin(self.url):
            return replace(self, url=to)
        if self.url.scheme == "https" and to.scheme == "http" and self.has_key:
            raise Refused("it redirects from https to http, where a key is not sent")
        plain = {name: value for name, value in self.headers.items() if name.lower() in PLAIN_HEADERS}
        return replace(self, url=to, headers=plain)
