"""Who may frame a widget."""

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue import embed_queries
from catalogue.models import Provider
from database.session import session
from embeds.framing import frame_ancestors
from settings import Settings


@pytest.mark.parametrize(("setting", "ancestors"), [("anyone", ("*",)), ("no-one", ())])
def test_without_a_list_the_setting_says_who_may_frame(
    site: Flask, monkeypatch: pytest.MonkeyPatch, setting: str, ancestors: tuple[str, ...]
) -> None:
    changed = Settings.model_validate(site.extensions["settings"].model_dump() | {"embed_unlisted": setting})
    monkeypatch.setitem(site.extensions, "settings", changed)
    with site.app_context():
        college = session().scalars(select(Provider).where(Provider.slug == "tamar-bank-college")).one()
        assert frame_ancestors(college.id) == ancestors
        assert frame_ancestors(None) == ancestors
        embed_queries.allow(session(), college, "https://college.example")
        session().flush()
        assert frame_ancestors(college.id) == ("https://college.example",)
        session().rollback()
