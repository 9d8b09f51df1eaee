"""What tests of feeds share."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from gazetteer.table import Table
from tests.feeds.made import MadeSource

NewSource = Callable[..., MadeSource]


@pytest.fixture
def new_source(session: Session, table: Table, monkeypatch: pytest.MonkeyPatch) -> NewSource:
    """Makes sources whose content a test sets: `new_source("college", is_whole=False)`."""

    def make(slug: str = "college", is_whole: bool = True) -> MadeSource:
        return MadeSource(session, table, monkeypatch, slug, is_whole)

    return make
