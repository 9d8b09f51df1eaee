"""Links to pass a page on. Plain links: nobody else's script is needed."""

from urllib.parse import quote, urlencode

from flask_babel import gettext

from web.plain_text import one_line


def share_links(title: str, url: str) -> dict[str, str]:
    """Where to pass on an address, by name. `url` is whole and says nothing of who shares it."""
    title = one_line(title)
    body = gettext("I found this on Doorstep: %(title)s", title=title) + f"\r\n\r\n{url}\r\n"
    return {
        "WhatsApp": "https://wa.me/?" + query(text=f"{title}\n{url}"),
        "LinkedIn": "https://www.linkedin.com/sharing/share-offsite/?" + query(url=url),
        gettext("E-mail"): "mailto:?" + query(subject=title, body=body),
    }


def query(**values: object) -> str:
    """A query string that mail programs read too."""
    # A space as %20: mail programs show a plus as a plus.
    return urlencode(values, quote_via=quote, safe="")
