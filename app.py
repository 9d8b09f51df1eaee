"""create_app: the only place where the parts are wired together."""

import sys
from datetime import UTC, datetime
from functools import partial

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
from commands import Commands
from database.engine import DatabaseUnavailable
from database.ready import check_current, check_either, check_replica
from gazetteer.online import OnlineGeocoder, online_geocoder
from gazetteer.table import Table
from maps.tiles import tiles
from readiness import Check, NotReady, problems
from settings import ROOT, Settings, load_settings
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


def create_app(settings: Settings | None = None) -> Flask:
    """The site, and the `flask` commands around it.

    Nothing is opened yet: commands must run where the database or the gazetteer
    is still to be made. `ready_app` is for serving.
    """
    settings = settings or load_settings()
    (ROOT / "instance").mkdir(exist_ok=True)
    app = Flask(__name__, static_folder=None)
    app.cli = Commands()
    app.extensions["settings"] = settings
    app.extensions["gazetteer"] = Table(settings.gazetteer_file)
    try:
        database.session.init_app(app, settings.database_url, settings.database_replica_url)
    except DatabaseUnavailable as problem:
        sys.exit(str(problem))
    checks, helper_checks = _database_checks(app)
    app.extensions["checks"] = [*checks, app.extensions["gazetteer"].check, assets.check]
    shared.init_app(app, settings.redis_url)
    if app.extensions["shared"]:
        helper_checks.append(app.extensions["shared"].check)
    app.extensions["helper_checks"] = helper_checks
    app.extensions["overdue_sources"] = _overdue_sources
    app.extensions["online_geocoder"] = _online_geocoder(settings)
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
    return app


def ready_app() -> Flask:
    """The site to serve. Ends the process with one line a problem if a part that it needs is missing."""
    app = create_app()
    found = problems(app.extensions["checks"])
    if not found:
        health.say_what_helpers_lack(app)
    # Workers are forked from this process: a connection must not be shared between them.
    database.session.dispose(app)
    shared.close(app)
    if not found:
        templates.load_all(app, ROOT / "instance" / "templates")
    garbage.settle()
    if found:
        sys.exit("\n".join(found))
    return app


def _database_checks(app: Flask) -> tuple[list[Check], list[Check]]:
    """What the site cannot do without, and what it can."""
    engine, replica = app.extensions["engine"], app.extensions["replica"]
    if replica is None:
        return [partial(check_current, engine)], []
    helpers: list[Check] = [partial(check_current, engine), partial(check_replica, replica.engine)]
    return [partial(check_either, engine, replica.engine)], helpers


def _overdue_sources() -> list[str]:
    found = overdue(database.session.session(), datetime.now(UTC))
    return [source.slug for source in found]


def _online_geocoder(settings: Settings) -> OnlineGeocoder | None:
    if not settings.online_geocoder:
        return None
    try:
        return online_geocoder(
            settings.online_geocoder,
            settings.online_geocoder_options,
            settings.online_geocoder_user_agent,
            settings.online_geocoder_timeout,
            # Each worker asks for itself, and the service counts them all.
            settings.online_geocoder_interval * settings.web_workers,
        )
    except NotReady as problem:
        sys.exit(str(problem))
