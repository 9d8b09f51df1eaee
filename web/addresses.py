"""Whole addresses, for what leaves the site: shared links, calendars, search engines."""

from urllib.parse import quote

from flask import Flask, current_app, request

from web.private_pages import is_private

# What may stand in an address as it is: https://www.rfc-editor.org/rfc/rfc3986#section-2
PLAIN = "%!$&'()*+,/:;=?@[]"


def init_app(app: Flask, public_url: str) -> None:
    """Let templates call `absolute('/discover')`, `this_address()`. `public_url` is a scheme and a host, or empty."""
    app.extensions["public_url"] = public_url
    app.jinja_env.globals["absolute"] = absolute
    app.jinja_env.globals["this_address"] = this_address


def absolute(path: str) -> str:
    """The whole address of a path on this site, as `url_for` and `asset` give paths.

    It starts with the setting `PUBLIC_URL`; without one with what this request was sent to.
    """
    return (current_app.extensions["public_url"] or request.host_url.rstrip("/")) + path


def this_address(with_query: bool = True) -> str:
    """The whole address of the page that is asked for, with nothing in it that must not stand in a page.

    That of the front page, where the address is a key. Without its query, where that says only from where
    a person looked: such a page is printed to be handed on.
    """
    if is_private():
        return absolute("/")
    path = request.full_path.removesuffix("?") if with_query else request.path
    return absolute(quote(path, safe=PLAIN, errors="replace"))
