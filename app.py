"""create_app: the only place, with `pages`, where the parts are wired together."""

import sys
from functools import partial

import click
from flask import Flask
from flask.cli import FlaskGroup

import database.session
from commands import Commands
from database.engine import DatabaseUnavailable
from database.ready import check_current, check_either, check_replica
from gazetteer.online import OnlineGeocoder, online_geocoder
from gazetteer.table import Table
from readiness import Check, NotReady, problems
from settings import ROOT, Settings, load_settings
from web import logs


def create_app(settings: Settings | None = None) -> Flask:
    """The site, and the `flask` commands around it; where `flask` only looks for one of these, without the pages.

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
    checks, app.extensions["helper_checks"] = _database_checks(app)
    app.extensions["checks"] = [*checks, app.extensions["gazetteer"].check]
    app.extensions["online_geocoder"] = _online_geocoder(settings)
    if _is_for_a_command():
        logs.init_app(app, settings.log_level)
    else:
        import pages  # takes as much memory as all that an import of feeds needs besides

        pages.init_app(app, settings)
    return app


def _is_for_a_command() -> bool:
    """Whether `flask` makes the app to see which commands there are. `flask run` and its like are at work already."""
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, FlaskGroup)


def ready_app() -> Flask:
    """The site to serve. Ends the process with one line a problem if a part that it needs is missing."""
    app = create_app()
    found = problems(app.extensions["checks"])
    import pages

    if not found:
        pages.make_ready(app)
    # Workers are forked from this process: a connection must not be shared between them.
    database.session.dispose(app)
    pages.settle(app)
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
