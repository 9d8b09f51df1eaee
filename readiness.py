"""What stops the site from working, said in one line that tells the operator what to do."""

from collections.abc import Callable


class NotReady(Exception):
    """A part that the site needs is missing. The message is one line: what, and what to do."""


Check = Callable[[], None]
"""Raises `NotReady` if its part cannot work."""


def problems(checks: list[Check]) -> list[str]:
    """The lines of the checks that fail; empty if all is well."""
    found = []
    for check in checks:
        try:
            check()
        except NotReady as problem:
            found.append(str(problem))
    return found
