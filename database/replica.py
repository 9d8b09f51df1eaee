"""A streaming replica to read from: who may, and leaving it alone while it is away."""

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from circuit import Circuit
from database.engine import connect
from database.ready import check_current
from readiness import NotReady

RETRY_S = 5.0
PATIENCE_S = 2

log = structlog.get_logger()


class Replica:
    """The replica at an address. Nothing is opened yet, and nothing can be written through it."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url, PATIENCE_S, is_read_only=True)
        self.sessions = sessionmaker(self.engine)
        self._circuit = Circuit(failures=1, seconds=RETRY_S)
        self._is_looked_at = False
        self._is_away = False

    def may_be_asked(self) -> bool:
        """Whether it answers and has the newest tables, as far as is known. After a failure it is looked at first."""
        if self._is_looked_at:
            return True
        if not self._circuit.may_ask():
            return False
        try:
            check_current(self.engine, "DATABASE_REPLICA_URL")
        except (NotReady, SQLAlchemyError) as error:
            self._leave_alone(str(error).splitlines()[0])
            return False
        self._circuit.succeeded()
        if self._is_away:
            log.warning("replica is back")
        self._is_looked_at, self._is_away = True, False
        return True

    def failed(self, is_gone: bool, reason: str) -> None:
        """Take note that it could not answer, for it is gone or for another reason."""
        self._is_looked_at = False
        if is_gone:
            self._leave_alone(reason)

    def _leave_alone(self, reason: str) -> None:
        self._circuit.failed()
        if not self._is_away:
            log.warning("replica is away: reading from the primary", reason=reason)
        self._is_away = True
