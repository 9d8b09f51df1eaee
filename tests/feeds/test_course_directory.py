"""The National Careers Service course directory: every row a record, or a sentence that says why not."""

import csv
import gzip
import io
import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.course_directory import FORMAT, OPTIONAL, REQUIRED
from feeds.fetching import FetchFailed
from feeds.reading import Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, VenueRecord
from settings import UK_TIME
from tests.feeds.fakes_tables import Outcome, feed, outcomes

SAMPLES = Path(__file__).parent / "samples" / "course_directory"
COURSES, PROVIDERS = SAMPLES / "courses.csv", SAMPLES / "providers.csv"
MOST = {"COURSE_RUN_ID": "run", "COURSE_NAME": "Welding", "PROVIDER_UKPRN": "10001234"}


def table(*rows: dict[str, str], header: "tuple[str, ...] | None" = None) -> bytes:
    file = io.StringIO()
    names = header or tuple(dict.fromkeys([*MOST, *(name for row in rows for name in row)]))
    writer = csv.DictWriter(file, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(MOST | row for row in rows)
    return file.getvalue().encode()


def became(content: bytes) -> list[tuple[str, Outcome]]:
    return list(outcomes(FORMAT, "https://a.example/c.csv", {"https://a.example/c.csv": content}))


def record(**row: str) -> OpportunityRecord:
    [(_, found)] = became(table(row))
    assert isinstance(found, OpportunityRecord)
    return found


@pytest.fixture
def samples() -> dict[str, Outcome]:
    return dict(outcomes(FORMAT, f"{COURSES} {PROVIDERS}"))


def test_a_course_at_a_college(samples: dict[str, Outcome]) -> None:
    about = 'For anyone who’d like to weld.\nNo experience "needed".'
    assert samples["run-1"] == OpportunityRecord(
        title="Welding, Level 2",
        kind=Kind.COURSE,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="Tamar Bank College", url="https://www.tamarbank.example"),
        reach=Reach.VENUE,
        summary=f"Starts 5 January 2027. Free Courses for Jobs. {about}",
        description=f"{about}\n\nHow you will be assessed: A practical test.\n\nAwarded by: City & Guilds",
        venues=(
            VenueRecord(
                name="King's Road Campus",
                address="King's Road, Devonport",
                town="Plymouth",
                postcode="PL1 5QG",
                latitude=50.37,
                longitude=-4.16,
            ),
        ),
        closes_at=datetime(2027, 1, 5, 23, 59, 59, tzinfo=UK_TIME),
        cost_pence=125050,
        cost_note="Free if you earn less than £25,000",
        level="Level 2",
        time_needed="12 weeks, part-time, in the evening",
        url="https://www.college.example/welding",
    )


def test_a_course_online_with_a_flexible_start(samples: dict[str, Outcome]) -> None:
    assert samples["run-2"] == OpportunityRecord(
        title="Bookkeeping online",
        kind=Kind.ONLINE,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="LEARN AT HOME LTD"),
        reach=Reach.ONLINE,
        summary="The start date is flexible. Skills Bootcamp. Learn at home.",
        description="Learn at home.",
        cost_pence=0,
        level="Entry level",
        time_needed="30 hours, with flexible hours",
        how_to_apply="Write to hello@learn.example.",
    )


def test_a_course_at_work_in_two_regions(samples: dict[str, Outcome]) -> None:
    assert samples["run-3"] == OpportunityRecord(
        title="Team leading at work",
        kind=Kind.COURSE,
        layer=Layer.DEMONSTRATE,
        provider=ProviderRecord(name="Tamar Bank College", url="https://www.tamarbank.example"),
        reach=Reach.REGION,
        region="South East, London",
        summary="The start date is flexible.",
        time_needed="1 month",
    )


def test_a_day_in_a_classroom_is_a_workshop_and_what_makes_no_sense_is_left_out(samples: dict[str, Outcome]) -> None:
    found = samples["run-4"]
    assert isinstance(found, OpportunityRecord)
    assert (found.kind, found.time_needed) == (Kind.WORKSHOP, "1 day")
    assert (found.closes_at, found.cost_pence, found.level, found.summary) == (None, None, None, "")
    assert found.how_to_apply == "Ring 01752 305300 or write to info@college.example."


def test_a_t_level_is_for_those_it_is_for_and_a_provider_without_a_name_is_its_number(
    samples: dict[str, Outcome],
) -> None:
    found = samples["run-5"]
    assert isinstance(found, OpportunityRecord)
    assert (found.age_min, found.age_max, found.time_needed) == (16, 19, "2 years, full-time, in the daytime")
    assert found.provider == ProviderRecord(name="Provider 10009999")


def test_the_others_of_the_sample(samples: dict[str, Outcome]) -> None:
    found = samples["run-6"]
    assert isinstance(found, OpportunityRecord)
    assert found.reach == Reach.NATIONAL
    assert samples["run-7"] == "It has no COURSE_NAME."
    assert len(samples) == 7


def test_the_published_header_alone_gives_nothing() -> None:
    assert became(COURSES.read_bytes().split(b"\r\n")[0] + b"\r\n") == []


def test_columns_go_by_name_in_any_order_and_unknown_ones_are_ignored() -> None:
    assert became(b"what,Course Name,provider_ukprn,COURSE_RUN_ID\nno,Welding,1,r\n") == [
        (
            "r",
            OpportunityRecord(
                title="Welding",
                kind=Kind.COURSE,
                layer=Layer.PARTICIPATE,
                provider=ProviderRecord(name="Provider 1"),
                reach=Reach.UNKNOWN,
            ),
        )
    ]


def test_a_column_that_is_needed_and_missing_is_named() -> None:
    with pytest.raises(SourceUnreadable, match="no column COURSE_NAME and none PROVIDER_UKPRN"):
        became(b"COURSE_RUN_ID,x\n1,2\n")


def test_a_run_that_comes_twice_or_has_no_identifier_is_bad() -> None:
    found = became(table({}, {}, {"COURSE_RUN_ID": " "}))
    assert [each[0] for each in found] == ["run", "line 3", "line 4"]
    assert found[1][1] == "The COURSE_RUN_ID run has come before"
    assert found[2][1] == "It has no COURSE_RUN_ID"


def test_a_row_of_another_length_is_bad_and_the_rest_is_read() -> None:
    assert became(b"COURSE_RUN_ID,COURSE_NAME,PROVIDER_UKPRN\n1,2\n") == [
        ("line 2", "It has 2 fields and the header has 3")
    ]


def test_what_a_row_is_made_of_includes_the_providers_name_and_the_header() -> None:
    def content(address: str) -> bytes:
        first = next(iter(FORMAT.read(feed(address))))
        assert isinstance(first, Item)
        assert first.where == "line 2"
        return first.content

    assert content(str(COURSES)) == content(str(COURSES))
    assert content(str(COURSES)) != content(f"{COURSES} {PROVIDERS}")


def test_nobodys_course_is_refused() -> None:
    assert became(table({"PROVIDER_UKPRN": ""})) == [
        ("run", "It has no PROVIDER_UKPRN and no PROVIDER_NAME, so nobody knows whose course it is.")
    ]


@pytest.mark.parametrize(
    ("row", "reach"),
    [
        ({"NATIONAL": "True", "LOCATION_TOWN": "Leeds"}, Reach.NATIONAL),
        ({"REGIONS": "London,National"}, Reach.NATIONAL),
        ({"REGIONS": ",".join(map(str, range(9)))}, Reach.NATIONAL),
        ({"REGIONS": "London", "LOCATION_POSTCODE": "LS1 3BE"}, Reach.VENUE),
        ({"LOCATION_NAME": "A hall"}, Reach.UNKNOWN),
        ({"DELIVER_MODE": "2", "NATIONAL": "True", "LOCATION_TOWN": "Leeds"}, Reach.ONLINE),
        ({"DELIVER_MODE": "4", "LOCATION_TOWN": "Leeds"}, Reach.VENUE),
    ],
)
def test_where_a_run_is(row: dict[str, str], reach: Reach) -> None:
    assert record(**row).reach == reach


def test_costs_levels_and_addresses_as_people_write_them() -> None:
    assert [
        record(COST=text).cost_pence for text in ("£1,250.0000", "0", "12.5", "-1", "NaN", "1e999999999", "Free")
    ] == [
        *(125000, 0, 1250, None, None, None, None),
    ]
    assert [record(EDUCATION_LEVEL=text).level for text in ("3", "Level 3", "e", "1.5", "M")] == [
        *("Level 3", "Level 3", "Entry level", None, None),
    ]
    for text in ("javascript:alert(1)", "https://", "see website", "http://a b", "info@a.example", "a" * 600):
        assert record(COURSE_URL=text).url is None
    assert record(LOCATION_WEBSITE="HTTP://a.example").url == "HTTP://a.example"


def test_a_work_academy_is_work_experience_and_unknown_words_are_courses() -> None:
    assert record(COURSE_TYPE="Sector-based Work Academy Programme").kind == Kind.WORK_EXPERIENCE
    assert record(COURSE_TYPE="99", DELIVER_MODE="9").kind == Kind.COURSE


def test_nothing_is_left_of_nuls_and_words_for_nothing() -> None:
    found = record(COURSE_NAME="Weld\0ing\0", ENTRY_REQUIREMENTS="N/A", COST_DESCRIPTION="NULL")
    assert (found.title, found.description, found.cost_note) == ("Welding", "", None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows-1252", "utf-16", "mac-roman"])
def test_every_encoding_is_read(encoding: str) -> None:
    text = table({"COURSE_NAME": "Café skills – it’s £5"}).decode()
    [(_, found)] = became(text.encode(encoding))
    assert isinstance(found, OpportunityRecord)
    assert found.title == "Café skills – it’s £5"


def test_both_files_come_from_the_web_packed_or_from_paths_with_spaces(tmp_path: Path) -> None:
    web = {
        "https://a.example/c.gz": gzip.compress(COURSES.read_bytes()),
        "https://a.example/p": PROVIDERS.read_bytes(),
    }
    expected = list(outcomes(FORMAT, f"{COURSES} {PROVIDERS}"))
    assert list(outcomes(FORMAT, " ".join(web), web)) == expected
    for name, content in (("the courses.csv", COURSES.read_bytes()), ("the providers.csv", PROVIDERS.read_bytes())):
        (tmp_path / name).write_bytes(content)
    assert list(outcomes(FORMAT, f"{tmp_path}/the courses.csv {tmp_path}/the providers.csv")) == expected


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    for address, reason in (("", "no address"), ("a b c", "and no more"), (str(tmp_path), "no file")):
        with pytest.raises(SourceUnreadable, match=reason):
            list(FORMAT.read(feed(address)))
    with pytest.raises(SourceUnreadable, match="needs a column PROVIDER_UKPRN"):
        list(FORMAT.read(feed(f"{PROVIDERS} {write(tmp_path, b'a,b')}")))
    with pytest.raises(FetchFailed):
        list(FORMAT.read(feed("https://a.example/none")))


def write(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*REQUIRED, *OPTIONAL]), st.text(max_size=40), max_size=8))
def test_no_words_in_any_column_break_a_row(row: dict[str, str]) -> None:
    header = (*REQUIRED, *OPTIONAL)
    for each in became(
        table({name: text.encode(errors="ignore").decode() for name, text in row.items()}, header=header)
    ):
        assert isinstance(each[1], str | OpportunityRecord)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        became(COURSES.read_bytes()[:900] + content)
    except SourceUnreadable:
        return


def test_memory_stays_flat_however_many_rows_there_are(tmp_path: Path) -> None:
    def most(rows: int) -> int:
        path = write(tmp_path, table(*({"COURSE_RUN_ID": f"{n}", "COURSE_NAME": "x" * 500} for n in range(rows))))
        tracemalloc.start()
        assert sum(_read(each) for each in FORMAT.read(feed(path))) == rows
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(10_000) < most(2_000) * 1.05


def _read(each: object) -> bool:
    assert isinstance(each, Item)
    each.read()
    return True
