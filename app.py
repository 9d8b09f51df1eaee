"""create_app: the only place, with `pages`, where the parts are wired together."""

import sys
from functools import partial
from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup, FlaskGroup

import database.session
from database.engine import DatabaseUnavailable
from database.ready import check_current
from gazetteer.online import OnlineGeocoder, online_geocoder
from gazetteer.table import Table
from readiness import NotReady, problems
from settings import ROOT, Settings, load_settings
from web import logs

# Where each of our commands stands.
COMMANDS = {
    "database": "database.commands",
    "embeds": "embeds.commands",
    "feeds": "feeds.commands",
    "gazetteer": "gazetteer.commands",
    "geocode": "gazetteer.commands",
    "pathways": "pathways.commands",
    "prepare": "prepare",
    "providers": "embeds.commands",
    "seed": "catalogue.commands",
}


class Commands(AppGroup):
    """Our commands, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


def create_app(settings: Settings | None = None) -> Flask:
    """The site, and the `flask` commands around it; where `flask` only looks for one of these, without the pages.

    Nothing is opened yet: commands must run where the database or the gazetteer
    is still to be made. `ready_app` is for serving.
    """
    settings = settings or load_settings()
    (ROOT / "instance").mkdir(exist_ok=True)
    app = Flask(__name__, static_folder=None)
    app.cli = Commands(app.name)
    app.extensions["settings"] = settings
    app.extensions["gazetteer"] = Table(settings.gazetteer_file)
    try:
        database.session.init_app(app, settings.database_url)
    except DatabaseUnavailable as problem:
        sys.exit(str(problem))
    app.extensions["checks"] = [partial(check_current, app.extensions["engine"]), app.extensions["gazetteer"].check]
    app.extensions["online_geocoder"] = _online_geocoder(settings)
    logs.init_app(app, settings.log_level)
    if not _is_for_a_command():
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
    # Workers are forked from this process: a connection must not be shared between them.
    app.extensions["engine"].dispose()
    import rapidfuzz.process  # noqa: F401  (for the words that people type wrong: workers that are forked share it)
    import shapely  # noqa: F401  (for the drawn maps, likewise)

    from web import garbage

    garbage.settle()
    if found:
        sys.exit("\n".join(found))
    return app


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
