"""Find an apprenticeship, by its Display Advert API v2: apprenticeships of England, each with its closing date.

The address is that of the service (`https://api.apprenticeships.education.gov.uk/vacancies`), with or without
`/vacancies` or `/vacancies/vacancy` at its end, and needs a key; or that of a file with one of its answers.

`GET …/vacancies/vacancy?PageNumber=1&PageSize=100`, at most 150 times in five minutes, gives
`{vacancies[], total, totalFiltered, totalPages}`. Totals are not believed alone: reading goes on while pages are
full, and ends at an empty one. There is no state for what was taken back: it is absent, which is why a page that
cannot be read ends the whole reading.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from catalogue.words import Kind, Layer, Reach
from feeds.documents import is_on_web, keep_pace, open_json
from feeds.iso_times import day, end_of, said_day
from feeds.json_values import NotJson, content, fields, listed, number, paragraphs, text, web_address, without
from feeds.pay import said_pay
from feeds.reading import Bad, Feed, Format, Item, Read, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, VenueRecord

# All that it publishes is of one type.
KINDS: dict[str, tuple[Kind, Layer]] = {"vacancy": (Kind.APPRENTICESHIP, Layer.DEMONSTRATE)}

# https://www.gov.uk/what-different-qualification-levels-mean; foundation apprenticeships (2025) are of level 2.
LEVELS = {
    "foundation": "Level 2",
    "intermediate": "Level 2",
    "advanced": "Level 3",
    "higher": "Level 4 or 5",
    "degree": "Level 6 or 7",
}

# What `wageType` says where no amount is given.
WAGES = {
    "apprenticeshipminimum": "the National Minimum Wage for apprentices",
    "nationalminimumforapprentices": "the National Minimum Wage for apprentices",
    "nationalminimum": "the National Minimum Wage",
    "competitivesalary": "a competitive salary",
}

# https://www.gov.uk/apprenticeships-guide: 16 or over, whatever the advert says.
YOUNGEST = 16

# Names of persons, which Doorstep has no use for.
PERSONAL = frozenset(f"{who}Contact{what}" for who in ("employer", "provider") for what in ("Name", "Email", "Phone"))

SUMMARY_LENGTH = 300
PAGE_SIZE = 100
MOST_PAGES = 2_000
CALLS, PER_SECONDS = 150, 300.0
_PATH = "/vacancies/vacancy"
_NATIONWIDE = "This can be done in many places in England."


def read(feed: Feed) -> Iterator[Read]:
    """Every vacancy once: one that moves to a later page while they are read comes twice, and is left out there."""
    seen: set[str] = set()
    for page, vacancies in _pages(feed):
        for number_on_page, vacancy in enumerate(vacancies, 1):
            found = _item(vacancy, f"page {page}, vacancy {number_on_page}")
            if isinstance(found, Bad) or found.identifier not in seen:
                yield found
            if isinstance(found, Item):
                seen.add(found.identifier)


def _pages(feed: Feed) -> Iterator[tuple[int, list[object]]]:
    if not is_on_web(feed.address):
        yield 1, _vacancies(open_json(feed, feed.address), feed.address)
        return
    if not feed.key:
        raise SourceUnreadable("Find an apprenticeship asks for a key, and this source has none")
    keep_pace(feed, CALLS, PER_SECONDS)
    for page in range(1, MOST_PAGES + 1):
        answer = _page(feed, page)
        vacancies = _vacancies(answer, f"page {page}")
        total = number(fields(answer).get("totalPages")) or 0
        if not vacancies and page < total:
            # Once more, since to believe it would be to drop all that comes after.
            vacancies = _vacancies(_page(feed, page), f"page {page}")
        if vacancies:
            yield page, vacancies
        if not vacancies or (page >= total and len(vacancies) < PAGE_SIZE):
            return
    raise SourceUnreadable(f"there is no end after {MOST_PAGES:,} pages")


def _page(feed: Feed, page: int) -> object:
    return open_json(
        feed,
        vacancies_address(feed.address),
        headers={"Ocp-Apim-Subscription-Key": feed.key or "", "X-Version": "2", "Accept": "application/json"},
        params={"PageNumber": str(page), "PageSize": str(PAGE_SIZE)},
    )


def vacancies_address(address: str) -> str:
    """Where the vacancies are, from the address of the service with or without some of the way."""
    base = address.strip().rstrip("/")
    base = base.removesuffix(_PATH).removesuffix("/vacancies")
    return base + _PATH


def _vacancies(answer: object, where: str) -> list[object]:
    vacancies = fields(answer).get("vacancies") if isinstance(answer, dict) else answer
    if not isinstance(vacancies, list):
        raise SourceUnreadable(f"{where} has no list of vacancies")
    return vacancies


def _item(given: object, where: str) -> Item | Bad:
    vacancy = without(given, PERSONAL)
    try:
        written = content(vacancy)
    except NotJson as error:
        return Bad(where, f"It cannot be read: {error}.")
    identifier = reference(fields(vacancy).get("vacancyReference"))
    if not identifier:
        return Bad(where, "It has no vacancy reference.", written.decode())
    return Item(identifier, written, partial(record, fields(vacancy)), where)


def reference(value: object) -> str:
    """A vacancy's reference without the `VAC` that some of the answers put before it."""
    return text(value).upper().removeprefix("VAC").strip()


def record(vacancy: Mapping[str, object]) -> OpportunityRecord:
    """The apprenticeship that a vacancy is. Raises `Refused`.

    The provider is the employer; the training provider is named in the description, and stands in for an employer
    who is not. Every apprentice is paid, and may be asked for no part of the training's price (funding rules of the
    Department for Education), so it costs nothing and `cost_note` says what it pays.
    """
    title = text(vacancy.get("title"))
    if not title:
        raise Refused("It has no title.")
    employer = text(vacancy.get("employerName")) or text(vacancy.get("providerName"))
    if not employer:
        raise Refused("It names neither an employer nor a training provider.")
    closes_on = day(vacancy.get("closingDate"))
    is_national = vacancy.get("isNationalVacancy") is True
    places = () if is_national else venues(vacancy)
    kind, layer = KINDS["vacancy"]
    return OpportunityRecord(
        title=title,
        kind=kind,
        layer=layer,
        provider=ProviderRecord(name=employer, url=web_address(vacancy.get("employerWebsiteUrl"))),
        reach=Reach.NATIONAL if is_national else Reach.VENUE if places else Reach.UNKNOWN,
        summary=text(vacancy.get("description")),
        description=_description(vacancy, is_national),
        venues=places,
        closes_at=end_of(closes_on) if closes_on else None,
        cost_pence=0,
        cost_note=wage_note(fields(vacancy.get("wage"))),
        age_min=YOUNGEST,
        level=level(vacancy),
        time_needed=_time_needed(vacancy),
        how_to_apply=_how_to_apply(vacancy),
        url=web_address(vacancy.get("vacancyUrl")) or web_address(vacancy.get("applicationUrl")),
        accessibility=(
            "The employer is Disability Confident." if vacancy.get("isDisabilityConfident") is True else None
        ),
    )


def _description(vacancy: Mapping[str, object], is_national: bool) -> str:
    course, trainer = fields(vacancy.get("course")), text(vacancy.get("providerName"))
    training = text(course.get("title"))
    starts_on = day(vacancy.get("startDate"))
    short = text(vacancy.get("description"))
    return paragraphs(
        # The short one is the summary, and stands there alone unless it is cut.
        text(vacancy.get("fullDescription")) or (short if len(short) > SUMMARY_LENGTH else ""),
        text(vacancy.get("isNationalVacancyDetails")) or _NATIONWIDE if is_national else "",
        " ".join(
            filter(None, ("Training:" if training or trainer else "", training, f"with {trainer}" if trainer else ""))
        ),
        text(fields(vacancy.get("wage")).get("workingWeekDescription")),
        f"Starts on {said_day(starts_on)}." if starts_on else "",
    )


def _time_needed(vacancy: Mapping[str, object]) -> str | None:
    hours = number(vacancy.get("hoursPerWeek")) or 0
    weekly = f"{hours:g} hours a week" if 0 < hours <= 168 else ""
    return ", ".join(filter(None, (text(vacancy.get("expectedDuration")), weekly))) or None


def _how_to_apply(vacancy: Mapping[str, object]) -> str | None:
    address = web_address(vacancy.get("applicationUrl"))
    return f"Apply at {address}" if address else None


def level(vacancy: Mapping[str, object]) -> str | None:
    """The level of its course, in the words of the seeds: "Level 3". Else what `apprenticeshipLevel` comes to."""
    course, named = fields(vacancy.get("course")), text(vacancy.get("apprenticeshipLevel"))
    for value in (text(course.get("level")), text(course.get("title")), named):
        found = re.search(r"(?:^|level )([1-8])(?:\.0)?(?:$|\))", value.lower())
        if found:
            return f"Level {found[1]}"
    return LEVELS.get(named.lower())


def wage_note(wage: Mapping[str, object]) -> str:
    """Such as "Paid, £18,000 a year": the amount, else the range, else what the type of wage says, else only "Paid"."""
    unit = wage.get("wageUnit")
    amount = said_pay(wage.get("wageAmount"), None, unit) or said_pay(
        wage.get("wageAmountLowerBound"), wage.get("wageAmountUpperBound"), unit
    )
    said = amount or WAGES.get(text(wage.get("wageType")).lower(), "")
    more = "" if amount else text(wage.get("wageAdditionalInformation"))
    return ". ".join(filter(None, (", ".join(filter(None, ("Paid", said))), more)))


def venues(vacancy: Mapping[str, object]) -> tuple[VenueRecord, ...]:
    """Its places, from `addresses`, or from `address` with `location` and `otherAddresses`; each once."""
    main = {**fields(vacancy.get("location")), **fields(vacancy.get("address"))}
    written = [*listed(vacancy.get("addresses")), main, *listed(vacancy.get("otherAddresses"))]
    found = (_venue(fields(address)) for address in written)
    return tuple(dict.fromkeys(venue for venue in found if venue is not None))


def _venue(address: Mapping[str, object]) -> VenueRecord | None:
    # Employers write the town on the third line.
    lines = [text(address.get(f"addressLine{line}")) for line in (1, 2, 4)]
    venue = VenueRecord(
        address=", ".join(filter(None, lines)),
        town=text(address.get("addressLine3")),
        postcode=text(address.get("postcode")),
        latitude=number(address.get("latitude", address.get("lat"))),
        longitude=number(address.get("longitude", address.get("lon"))),
    )
    return venue if venue != VenueRecord() else None


FORMAT = Format(name="apprenticeships", title="Find an apprenticeship", read=read, is_whole=True)
