"""The databases that benchmarks share: built once, whole or not at all, and anew when they would differ."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from benchmarks.synthetic import postgis, postgis_of, spatialite
from catalogue import synthetic
from catalogue.models import Opportunity
from database.engine import connect


def those_like(session: Session, prefix: str) -> int:
    return session.scalar(select(func.count()).where(Opportunity.key.startswith(prefix))) or 0


def test_benchmarks_build_their_database_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = spatialite(30, folder=tmp_path)
    built = Path(url.removeprefix("sqlite:///"))
    before = built.stat()
    assert spatialite(30, folder=tmp_path) == url
    assert built.stat().st_ino == before.st_ino
    other = spatialite(30, seed=2, folder=tmp_path)
    assert other != url
    monkeypatch.setattr(synthetic, "VERSION", 0)
    newer = spatialite(30, folder=tmp_path)
    assert not built.exists()
    assert {path.suffix for path in tmp_path.iterdir()} == {".db", ".lock"}
    engine = connect(newer)
    with Session(engine) as session:
        assert those_like(session, "synthetic:") == 30
        assert those_like(session, "sample:") > 160
    engine.dispose()


def test_an_interrupted_build_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(synthetic, "load", interrupt)
        with pytest.raises(KeyboardInterrupt):
            spatialite(30, folder=tmp_path)
    assert list(tmp_path.glob("*.db")) == []
    assert Path(spatialite(30, folder=tmp_path).removeprefix("sqlite:///")).exists()


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the server may look into, as it may not into a test's own where root runs the tests."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_benchmark_can_have_the_same_on_postgis_and_finds_it_again(folder: Path) -> None:
    with postgis_of([20, 30], folder=folder) as urls:
        for url, count in zip(urls, (20, 30), strict=True):
            engine = connect(url)
            with Session(engine) as session:
                assert those_like(session, "synthetic:") == count
                session.execute(delete(Opportunity))
                session.commit()
            engine.dispose()
    with postgis(20, folder=folder) as url:
        engine = connect(url)
        with Session(engine) as session:
            assert those_like(session, "synthetic:") == 0  # what was kept, and not another
        engine.dispose()
