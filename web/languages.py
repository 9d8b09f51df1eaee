"""Which language a page speaks. Every sentence goes through Flask-Babel; so far there is English."""

from flask import Flask
from flask_babel import Babel, get_locale

babel = Babel()


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en_GB"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    babel.init_app(app)
    app.jinja_env.globals["page_language"] = page_language


def page_language() -> str:
    """The language of this answer as a `lang` attribute has it: `en-GB`."""
    return str(get_locale() or "en_GB").replace("_", "-")
