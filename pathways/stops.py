"""The stops of a pathway for its map: where the nearest way to do each step is."""

from collections.abc import Iterable

from catalogue.pathway_answers import Answer
from maps.stops import PathwayStop


def stops(answers: Iterable[Answer]) -> list[PathwayStop]:
    """One for each step that has something near, at its venue, in step order."""
    return [
        PathwayStop(
            answer.step.position,
            answer.step.layer,
            answer.card.venue.latitude,
            answer.card.venue.longitude,
            f"{answer.card.opportunity.title}, {answer.card.venue.name}",
        )
        for answer in answers
        if answer.step and answer.card and answer.card.venue and not answer.is_far
    ]
