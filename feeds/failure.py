"""What went wrong with a source, in one line for its operator."""


class FetchFailed(Exception):
    """The source could not be read.

    The message is one line for the operator, without keys and without query values that look like keys. `status` is
    the HTTP status where that was the reason, so that a caller can tell what is gone (404, 410) from what is broken.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
