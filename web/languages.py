"""Which language a page speaks. Every sentence goes through Flask-Babel; so far there is English."""

from typing import Any

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


class Sentences(Domain):  # type: ignore[misc]
    """The translations of a request, found once: Flask-Babel finds them anew for every sentence."""

    def get_translations(self) -> NullTranslations:
        # Flask-Babel empties this itself where the language changes meanwhile.
        try:
            found = g._flask_babel.babel_translations
        except (AttributeError, RuntimeError):  # not yet, or there is no request
            found = None
        if found is None:
            found = super().get_translations()
            if g:
                g._flask_babel.babel_translations = found
        return found


babel = Babel()
sentences = Sentences()
babel.domain_instance = sentences


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en_GB"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    babel.init_app(app)
    app.jinja_env.globals["page_language"] = page_language
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = translated


def page_language() -> str:
    """The language of this answer as a `lang` attribute has it: `en-GB`."""
    return str(get_locale() or "en_GB").replace("_", "-")


@pass_eval_context
def translated(context: EvalContext, text: str, **values: Any) -> str:
    """A sentence in a template, as Jinja's own extension gives it, and sooner."""
    said = sentences.get_translations().ugettext(text)
    sentence = Markup(said) if context.autoescape else said  # noqa: S704  (what is put into it is escaped)
    return sentence % values if values or "%" in said else sentence
