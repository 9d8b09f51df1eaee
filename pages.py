"""Every page of the site, and what goes around them all: the part of the wiring that commands do without."""

from datetime import UTC, datetime

from flask import Flask

import api.rpde
import api.views
import database.session
import discover.badge_pages
import discover.crawlers
import discover.feeds
import discover.opportunity_pages
import discover.pin_pages
import discover.place_pages
import discover.provider_pages
import discover.views
import embeds.builder
import embeds.oembed
import embeds.views
import feeds.source_pages
import pathways.coverage_pages
import pathways.progress_pages
import pathways.views
import shortlists.pages
from catalogue.source_queries import overdue
from maps.tiles import tiles
from settings import ROOT, Settings
from travel.router import router
from web import (
    addresses,
    assets,
    caching,
    compression,
    errors,
    formats,
    fragments,
    garbage,
    health,
    languages,
    logs,
    open_data,
    private_pages,
    same_site,
    second_try,
    security,
    shared,
    start_again,
    templates,
)


def init_app(app: Flask, settings: Settings) -> None:
    """Give an app that has its database and its gazetteer all that it shows."""
    shared.init_app(app, settings.redis_url)
    if app.extensions["shared"]:
        app.extensions["helper_checks"].append(app.extensions["shared"].check)
    app.extensions["overdue_sources"] = _overdue_sources
    app.extensions["router"] = router(
        settings.routing_kind, settings.routing_url, settings.routing_modes, settings.routing_timeout
    )
    garbage.init_app(app)
    second_try.init_app(app)
    logs.init_app(app, settings.log_level)
    languages.init_app(app)
    fragments.init_app(app)
    background = tiles(settings)
    security.init_app(app, background.url if background else "")
    assets.init_app(app)
    app.extensions["checks"].append(assets.check)
    addresses.init_app(app, settings.public_url)
    errors.init_app(app)
    open_data.init_app(app, settings.rate_limit)
    same_site.init_app(app)
    private_pages.init_app(app)
    compression.init_app(app)
    caching.init_app(app)
    formats.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(start_again.blueprint)
    app.register_blueprint(discover.views.blueprint)
    app.register_blueprint(discover.pin_pages.blueprint)
    app.register_blueprint(discover.feeds.blueprint)
    app.register_blueprint(discover.opportunity_pages.blueprint)
    app.register_blueprint(discover.place_pages.blueprint)
    app.register_blueprint(discover.provider_pages.blueprint)
    app.register_blueprint(discover.badge_pages.blueprint)
    app.register_blueprint(pathways.views.blueprint)
    app.register_blueprint(pathways.coverage_pages.blueprint)
    app.register_blueprint(pathways.progress_pages.blueprint)
    app.register_blueprint(shortlists.pages.blueprint)
    app.register_blueprint(feeds.source_pages.blueprint)
    app.register_blueprint(api.views.blueprint)
    app.register_blueprint(api.rpde.blueprint)
    app.register_blueprint(discover.crawlers.blueprint)
    app.register_blueprint(embeds.views.blueprint)
    app.register_blueprint(embeds.builder.blueprint)
    app.register_blueprint(embeds.oembed.blueprint)


def make_ready(app: Flask) -> None:
    """Load what the first pages will need, before workers are forked from this process and share it."""
    import rapidfuzz.process  # noqa: F401  (for the words that people type wrong)

    health.say_what_helpers_lack(app)
    templates.load_all(app, ROOT / "instance" / "templates")


def settle(app: Flask) -> None:
    """Leave nothing open that workers must not share."""
    shared.close(app)
    garbage.settle()


def _overdue_sources() -> list[str]:
    found = overdue(database.session.session(), datetime.now(UTC))
    return [source.slug for source in found]
