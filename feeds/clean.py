"""From what a source says to what may stand in the catalogue: plain text, whole numbers in range, dates that are ones.

What cannot be an opportunity is refused; what is merely odd is left out, and a remark says so.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import nh3

from catalogue.words import Reach
from feeds.documents import is_plain_address
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, SkillRecord

MAX_TITLE = 200
MAX_SUMMARY = 300
MAX_DESCRIPTION = 20_000
MAX_SITTINGS = 200
MAX_SKILLS = 20
MAX_URL = 500
MAX_AGE = 120
MAX_PENCE = 100_000_00
MAX_REMARK = 300
LONGEST_SITTING = timedelta(days=366)
REMEMBERED = 5_000
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr|/ul|/ol)\b[^>]{0,200}>", re.IGNORECASE)
_ITEM = re.compile(r"<\s*li\b[^>]{0,200}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#a-zA-Z]")
_SENTENCE_END = re.compile(r"[.!?]\s")
_MAX_RAW = 200_000  # more is no description; what follows is left out before it is looked at


@dataclass(frozen=True, slots=True)
class Clean:
    """A record that may be stored, when it ends (None: it does not say), and what was odd about it."""

    record: OpportunityRecord
    ends_at: datetime | None
    remarks: tuple[str, ...] = ()


def clean(record: OpportunityRecord, now: datetime) -> Clean:
    """Make a record fit for the catalogue, places apart.

    Raises:
        Refused: it has no title, nobody who offers it, or contradicts itself where no part can be left out.
    """
    remarks: list[str] = []
    title = line(record.title, MAX_TITLE)
    if not title:
        raise Refused("It has no title.")
    description = text(record.description, MAX_DESCRIPTION)
    sittings = _sittings(record.sittings, now, remarks)
    if record.sittings and not sittings:
        raise Refused("None of its dates can be: each ends before it starts, or lasts more than a year.")
    age_min, age_max = _ages(record, remarks)
    # Each field by its name: `dataclasses.replace` takes three times as long, and this runs for every record.
    made = OpportunityRecord(
        title=title,
        kind=record.kind,
        layer=record.layer,
        provider=_provider(record.provider),
        reach=record.reach,
        region=_region(record),
        summary=_summary(record.summary, description, title),
        description=description,
        venues=record.venues,
        sittings=sittings,
        closes_at=record.closes_at,
        cost_pence=_cost(record.cost_pence, remarks),
        cost_note=line(record.cost_note, 200) or None,
        age_min=age_min,
        age_max=age_max,
        level=line(record.level, 100) or None,
        time_needed=line(record.time_needed, 100) or None,
        how_to_apply=line(record.how_to_apply, 500) or None,
        url=_url(record.url, remarks),
        accessibility=line(record.accessibility, 500) or None,
        is_full=record.is_full,
        skills=_skills(record.skills),
    )
    return Clean(made, _ends_at(record, sittings), tuple(remarks))


def remark(remarks: tuple[str, ...]) -> str | None:
    """Remarks as they are kept."""
    if not remarks:
        return None
    return shortened(" ".join(remarks), MAX_REMARK) or None


def text(value: str | None, most: int) -> str:
    """Plain text with its paragraphs, of at most so many characters: markup is taken out, entities become letters."""
    if not value:
        return ""
    if _is_plain(value):
        return shortened(value, most)
    value = value[:_MAX_RAW]
    if _MARKUP.search(value):
        value = _BREAK.sub("\n", _ITEM.sub("\n- ", value))
        value = html.unescape(nh3.clean(value, tags=set(), clean_content_tags={"script", "style"}))
    lines = [" ".join(_visible(each).split()) for each in value.replace("\r", "\n").split("\n")]
    return shortened(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), most)


def line(value: str | None, most: int) -> str:
    """The same on one line."""
    if not value:
        return ""
    if _is_plain(value):
        return shortened(value, most)
    return shortened(" ".join(text(value, _MAX_RAW).split()), most)


def _is_plain(value: str) -> bool:
    """Whether a text is as it should be already, as nearly all are: one line of ASCII, no markup, no space to spare."""
    is_bare = value.isascii() and value.isprintable() and "<" not in value and "&" not in value
    return is_bare and "  " not in value and value[0] != " " and value[-1] != " "


def shortened(value: str, most: int) -> str:
    """At most so many characters, cut between two words and with an ellipsis."""
    if len(value) <= most:
        return value
    head = value[: most - 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    return head[: at if at > most // 2 else len(head)].rstrip(" \n,;:") + "…"


def _visible(value: str) -> str:
    """Without control and formatting characters, which hide or turn round what follows; tabs become spaces."""
    if value.isascii() and value.isprintable():
        return value
    plain = unicodedata.normalize("NFC", value)
    if plain.isprintable():
        return plain
    return "".join(
        " " if each.isspace() else each for each in plain if each.isspace() or unicodedata.category(each)[0] != "C"
    )


def _summary(summary: str, description: str, title: str) -> str:
    """What stands on the card: the source's own, else the description's first sentences, else the title."""
    if said := line(summary, MAX_SUMMARY):
        return said
    whole = description if description and _is_plain(description) else " ".join(description.split())
    if len(whole) <= MAX_SUMMARY:
        return whole or title
    ends = [found.start() + 1 for found in _SENTENCE_END.finditer(whole[:MAX_SUMMARY])]
    if ends and ends[-1] > MAX_SUMMARY // 3:
        return whole[: ends[-1]]
    return shortened(whole, MAX_SUMMARY)


@lru_cache(maxsize=REMEMBERED)
def _provider(provider: ProviderRecord) -> ProviderRecord:
    name = line(provider.name, 200)
    if not any(map(str.isalnum, name)):
        raise Refused("It does not say who offers it.")
    return ProviderRecord(name=name, url=_url(provider.url, []))


def _region(record: OpportunityRecord) -> str | None:
    if record.reach is not Reach.REGION:
        return None
    return line(record.region, 100) or "the United Kingdom"


def _sittings(sittings: tuple[Sitting, ...], now: datetime, remarks: list[str]) -> tuple[Sitting, ...]:
    """Those that can be, each start once, in order: the next `MAX_SITTINGS`, or the last one if all are over."""
    possible = {
        each.starts_at: each
        for each in sittings
        if each.starts_at < each.ends_at and each.ends_at - each.starts_at <= LONGEST_SITTING
    }
    if len(possible) < len({each.starts_at for each in sittings}):
        remarks.append("Some of its dates end before they start, or last more than a year.")
    ordered = [possible[start] for start in sorted(possible)]
    to_come = [each for each in ordered if each.ends_at > now]
    return tuple(to_come[:MAX_SITTINGS] or ordered[-1:])


def _ends_at(record: OpportunityRecord, sittings: tuple[Sitting, ...]) -> datetime | None:
    """The last moment to join: when it closes or the last sitting ends, whichever comes first."""
    ends = [max(each.ends_at for each in sittings)] if sittings else []
    if record.closes_at is not None:
        ends.append(record.closes_at)
    return min(ends, default=None)


def _ages(record: OpportunityRecord, remarks: list[str]) -> tuple[int | None, int | None]:
    low = record.age_min if record.age_min is not None and 0 < record.age_min <= MAX_AGE else None
    high = record.age_max if record.age_max is not None and 0 <= record.age_max <= MAX_AGE else None
    if low is not None and high is not None and low > high:
        remarks.append(f"Its ages, from {low} to {high}, cannot be and are left out.")
        return None, None
    return low, high


def _cost(pence: int | None, remarks: list[str]) -> int | None:
    if pence is None or 0 <= pence <= MAX_PENCE:
        return pence
    remarks.append("Its price cannot be and is left out.")
    return None


def _url(url: str | None, remarks: list[str]) -> str | None:
    """An address of the web that a person can follow, or none."""
    if not url or not (url := url.strip()):
        return None
    if is_plain_address(url) and len(url) <= MAX_URL:
        return url
    if url.lower().startswith("www."):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_one = False
    if is_one and len(url) <= MAX_URL and url.isprintable() and not any(map(str.isspace, url)):
        return url
    remarks.append("Its link is no address of the web and is left out.")
    return None


def _skills(skills: tuple[SkillRecord, ...]) -> tuple[SkillRecord, ...]:
    cleaned = (
        SkillRecord(name=line(each.name, 100), framework=line(each.framework, 100), identifier=each.identifier[:300])
        for each in skills[:MAX_SKILLS]
    )
    return tuple({(each.framework, each.identifier): each for each in cleaned if each.name}.values())
