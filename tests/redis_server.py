"""A Redis of the tests' own: on a socket in a temporary folder, with nothing on disk, gone afterwards."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import ConnectionError as NotThere
from redis import Redis


class RedisServer:
    """A server that can be ended and started again; `url` is its `REDIS_URL`."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        found = shutil.which("redis-server")
        if found is None:
            raise RuntimeError("Redis is missing: run bin/system-packages test")
        command = [found, "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with self.client() as client:
            for _ in range(200):
                try:
                    client.ping()
                    return
                except NotThere:
                    time.sleep(0.02)
        raise RuntimeError("Redis did not answer")

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def client(self) -> Redis:
        """For tests to look into it; to be closed."""
        made: Redis = Redis.from_url(self.url, decode_responses=True)
        return made


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="doorstep-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
