"""Telling that two sources speak of the same opportunity."""

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from catalogue.stems import stem, words_of
from catalogue.words import Reach
from feeds.record import OpportunityRecord
from settings import UK_TIME

REMEMBERED = 5_000
# What organisations add to their names or leave out.
_FORMS = {"ltd", "limited", "cic", "cio", "plc", "llp", "the", "charity", "trust", "company", "inc"}


def fingerprint(record: OpportunityRecord, postcodes: tuple[str, ...]) -> int:
    """A number that two records have in common if they are the same: title, provider, place and first date.

    Titles and providers are compared by their words' stems, so that case, punctuation and "Ltd" do not matter; the
    kind is left out, for formats name it differently. From -2**63 up to 2**63.
    """
    where = "|".join(sorted(postcodes)) if record.reach is Reach.VENUE else record.reach.value
    when = ""
    if record.sittings:
        when = f"{min(each.starts_at for each in record.sittings).timestamp():.0f}"
    elif record.closes_at is not None:
        when = _day(record.closes_at)
    told = "\n".join((_title(record.title), _provider(record.provider.name), where, when))
    return number(told.encode())


def number(content: bytes, salt: int = 0) -> int:
    """The digest of some bytes as a number that both databases hold. Another salt makes another one."""
    digest = blake2b(content, digest_size=8, salt=_salt(salt)).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=100)
def _salt(salt: int) -> bytes:
    return salt.to_bytes(16, "big")


@lru_cache(maxsize=REMEMBERED)
def _day(moment: datetime) -> str:
    return moment.astimezone(UK_TIME).date().isoformat()


@lru_cache(maxsize=REMEMBERED)
def _title(title: str) -> str:
    return _stems(title)


@lru_cache(maxsize=REMEMBERED)
def _provider(name: str) -> str:
    return _stems(name, _FORMS)


def _stems(text: str, without: frozenset[str] | set[str] = frozenset()) -> str:
    words = words_of(text)
    return " ".join(map(stem, [word for word in words if word not in without] or words))
