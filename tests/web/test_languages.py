"""Sentences in the language of a request."""

import pytest
from babel.support import NullTranslations
from flask import Flask, render_template_string
from flask_babel import force_locale, get_domain, gettext

from web.languages import sentences


class Loud(NullTranslations):
    """A language that is English in capitals."""

    def ugettext(self, message: str) -> str:
        return message.replace("Hello", "HELLO")


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(sentences.cache, ("fr", "messages"), Loud())
    return "fr"


def test_a_sentence_is_in_the_language_of_its_moment(site: Flask, loud: str) -> None:
    template = "{{ _('Hello %(name)s, 100%%', name=name) }}"
    with site.test_request_context():
        assert get_domain() is sentences
        said = [gettext("Hello"), render_template_string(template, name="<A>")]
        with force_locale(loud):
            said += [gettext("Hello"), render_template_string(template, name="<A>")]
        said += [gettext("Hello"), render_template_string(template, name="<A>")]
    quiet = ["Hello", "Hello &lt;A&gt;, 100%"]
    assert said == [*quiet, "HELLO", "HELLO &lt;A&gt;, 100%", *quiet]


def test_outside_of_an_application_sentences_are_as_written() -> None:
    assert sentences.get_translations().ugettext("Hello") == "Hello"
