"""Pages go out compressed: a learner pays for every kilobyte. Static files are compressed by `make setup`."""

from flask import Flask
from flask_compress import Compress


def init_app(app: Flask) -> None:
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    # Its highest, 11, is for files that are compressed once; a page is compressed for every answer.
    app.config["COMPRESS_BR_LEVEL"] = 5
    app.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/javascript",
        "application/json",
        "application/geo+json",
        "application/atom+xml",
        "text/calendar",
        "text/csv",
        "image/svg+xml",
    ]
    Compress(app)
