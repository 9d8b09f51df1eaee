"""Who may frame a widget: its provider's own list of origins, or else what is set for those without one."""

from flask import current_app

from catalogue import embed_queries
from database.session import session

ANYONE = ("*",)


def frame_ancestors(provider_id: int | None) -> tuple[str, ...]:
    """The origins that may frame a provider's widgets, in order; `("*",)` for anyone, `()` for no one.

    None stands for what is of no one provider.
    """
    listed = embed_queries.listed_origins(session(), provider_id) if provider_id is not None else ()
    return listed or unlisted_ancestors()


def unlisted_ancestors() -> tuple[str, ...]:
    """Who may frame what has no list of origins, by the setting `EMBED_UNLISTED`."""
    return ANYONE if current_app.extensions["settings"].embed_unlisted == "anyone" else ()
