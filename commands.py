"""The `flask` commands, each loaded when it is called: serving needs none of what they are made with."""

from importlib import import_module

from click import Command, Context
from flask.cli import AppGroup

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
    """The commands by name, with the module in which each stands under that name."""

    def list_commands(self, context: Context) -> list[str]:
        return sorted({*super().list_commands(context), *COMMANDS})

    def get_command(self, context: Context, name: str) -> Command | None:
        if name in COMMANDS:
            found: Command = getattr(import_module(COMMANDS[name]), name)
            return found
        return super().get_command(context, name)
