"""Templates compiled before the first request, in the process from which workers are forked."""

from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache


def load_all(app: Flask, folder: Path) -> None:
    """Load every template. What they compile to is kept in `folder`, by their content, for the next start.

    Compiling takes a page's time many times over, and each worker would do it for itself. Where nothing can be
    written, each start compiles.
    """
    environment = app.jinja_env
    try:
        folder.mkdir(exist_ok=True)
        environment.bytecode_cache = FileSystemBytecodeCache(str(folder))
        _load(app)
    except OSError:
        environment.bytecode_cache = None
        _load(app)


def _load(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
