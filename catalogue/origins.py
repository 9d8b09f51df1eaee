"""Origins, as browsers compare them: who may show our embeds on their pages."""

import re
from urllib.parse import SplitResult, urlsplit

LONGEST = 300
DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_LOOPBACK = re.compile(r"127(\.\d{1,3}){3}|(.+\.)?localhost")
EXAMPLE = "https://college.example"


class BadOrigin(ValueError):
    """A text is no origin. The message is one line that says how to write one."""


def origin(text: str) -> str:
    """An origin as it is kept: `https://college.example`, in lower case, without a port that goes without saying.

    What it may be is narrower than what a Content-Security-Policy understands, so that it can stand in one as it is:
    no wildcard, no path. https://www.w3.org/TR/CSP3/#framework-directive-source-list

    Raises:
        BadOrigin: it is not `https://host` or `https://host:port`, or `http://` to this machine.
    """
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError as error:
        raise BadOrigin(f"That is no address. Write it as in {EXAMPLE}") from error
    if parts.scheme not in DEFAULT_PORTS or not is_host(parts.hostname or "") or port == 0:
        raise BadOrigin(f"Write an origin with a scheme and a host, as in {EXAMPLE}")
    if not _is_bare(parts):
        raise BadOrigin(f"Write the scheme and the host only, with no path behind them, as in {EXAMPLE}")
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or ""):
        raise BadOrigin(f"An origin that others reach must be https, as in {EXAMPLE}")
    return f"{parts.scheme}://{parts.hostname}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def is_host(name: str) -> bool:
    """Whether a name in lower case may be a host's, in letters, digits, hyphens and dots. RFC 1123, section 2.1."""
    return len(name) <= 253 and _HOST.fullmatch(name) is not None


def _is_bare(parts: SplitResult) -> bool:
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    return not has_more and "@" not in parts.netloc
