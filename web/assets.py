"""Our own static files, served by WhiteNoise under addresses that change with their content."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from readiness import NotReady

STATIC = Path(__file__).parent.parent / "static"
PREFIX = "/static/"
OF_WIDGETS = ("embed.css", "embed-inside.js")
A_YEAR = 365 * 24 * 3600
VENDORED = ("vendor/htmx.min.js", "vendor/leaflet.js", "vendor/leaflet.css")


class AssetsMissing(NotReady):
    """A front-end package has not been copied to `static/vendor/`. The message is one line that says what to do."""


def init_app(app: Flask) -> None:
    """Serve `static/`, and let templates call `asset('css/page.css')`."""
    server = WhiteNoise(
        app.wsgi_app,
        root=STATIC,
        prefix=PREFIX,
        max_age=0 if app.debug else A_YEAR,
        autorefresh=app.debug,
        add_headers_function=_add_headers,
    )
    app.wsgi_app = server  # type: ignore[method-assign]  # as Flask's documentation of middleware has it
    app.jinja_env.globals["asset"] = _fresh_address if app.debug else asset


def check() -> None:
    """Raise `AssetsMissing` unless the front-end packages are in place and no compressed file is out of date."""
    for name in VENDORED:
        if not (STATIC / name).exists():
            raise AssetsMissing(f"static/{name} is missing: run `make setup`")
    for path in STATIC.rglob("*.br"):
        source = path.with_suffix("")
        if not source.exists() or source.stat().st_mtime > path.stat().st_mtime:
            raise AssetsMissing(f"{path} is older than what it was made from: run `make setup`")


def _fresh_address(name: str) -> str:
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"{PREFIX}{name}?v={digest}"


@cache
def asset(name: str) -> str:
    """The address of a file under `static/`, with a digest of its content so that browsers may keep it for good.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return _fresh_address(name)


def _add_headers(headers: Headers, path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    # In a sandbox without allow-same-origin a widget is of no origin, and its own files are another's.
    is_of_widget = Path(path).name in OF_WIDGETS
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_of_widget else "same-origin"
