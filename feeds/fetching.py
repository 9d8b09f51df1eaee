"""Placeholder of the contract until the fetching branch is merged."""


class FetchFailed(Exception):
    """The source could not be read."""


class Fetcher:
    """The only way to the web."""
