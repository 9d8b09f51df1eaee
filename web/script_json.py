"""JSON that may stand inside a `<script>`."""

import json
from typing import Any


def script_json(data: Any) -> str:
    """The data as JSON in which nothing can end the element or start a comment, whoever wrote its texts."""
    text = json.dumps(data, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
