"""Placeholder of the contract until the fetching branch is merged."""

from types import TracebackType
from typing import Self


class FetchFailed(Exception):
    """The source could not be read."""


class Fetcher:
    """The only way to the web."""

    def __init__(self, *, user_agent: str, allow_private: bool = False) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
