"""The ways to do a pathway's steps."""

from sqlalchemy.orm import Session

from catalogue.pathway_ways import Way, ways
from catalogue.words import Kind, Layer
from tests.catalogue.pathways import kept, pathway, rule, skill, step


def test_rules_that_differ_in_their_kind_only_are_one_way(session: Session) -> None:
    gardening = skill("gardening")
    found = kept(
        session,
        pathway(
            step(
                rule(kind=Kind.COURSE, skill=gardening),
                rule(kind=Kind.JOB),
                rule(kind=Kind.EVENT, skill=gardening),
                rule(skill=gardening, layer=Layer.LEAD),
            ),
            step(rule(kind=Kind.COURSE, skill=gardening), rule(skill=gardening)),
        ),
    )
    first, second = found.steps
    assert ways(first) == [
        Way(kinds=(Kind.EVENT, Kind.COURSE), skill=gardening),
        Way(kinds=(Kind.JOB,)),
        Way(layer=Layer.LEAD, skill=gardening),
    ]
    # With one that takes any kind, the others ask for nothing more.
    assert ways(second) == [Way(skill=gardening)]
