"""Who may frame a provider's embeds, and how often embeds were shown and led on."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, Date, Integer, String, bindparam, delete, select, text
from sqlalchemy.orm import Session

from catalogue.embed_models import EmbedCount, ProviderOrigin
from catalogue.models import Provider

MAX_HOSTS = 200  # that get rows of their own, a day and widget: a Referer can be forged
OTHER = "other"

# One statement for both databases.
_ADD = text(
    """
    INSERT INTO embed_count (day, widget, host, views, clicks)
    SELECT :day, :widget, CASE
        WHEN :host = ''
            OR EXISTS (SELECT 1 FROM embed_count WHERE day = :day AND widget = :widget AND host = :host)
            OR :most > (
                SELECT count(*) FROM embed_count
                WHERE day = :day AND widget = :widget AND host <> '' AND host <> :other
            )
        THEN :host ELSE :other END, :views, :clicks
    WHERE :views > 0 OR EXISTS (
        SELECT 1 FROM embed_count WHERE widget = :widget AND day IN (:day, :day_before) AND views > 0
    )
    ON CONFLICT (day, widget, host) DO UPDATE
    SET views = embed_count.views + excluded.views, clicks = embed_count.clicks + excluded.clicks
    """
).bindparams(
    bindparam("day", type_=Date),
    bindparam("day_before", type_=Date),
    bindparam("widget", type_=String),
    bindparam("host", type_=String),
    bindparam("views", type_=Integer),
    bindparam("clicks", type_=Integer),
    most=MAX_HOSTS,
    other=OTHER,
)


def listed_origins(session: Session, provider_id: int) -> tuple[str, ...]:
    """The origins that a provider lets frame its embeds, in order; none where it has no list."""
    statement = select(ProviderOrigin.origin).where(ProviderOrigin.provider_id == provider_id)
    return tuple(sorted(session.scalars(statement)))


def allow(session: Session, provider: Provider, origin: str) -> bool:
    """Let an origin frame a provider's embeds. Says whether that is new. The caller commits.

    Raises:
        catalogue.origins.BadOrigin: it is no origin.
    """
    wanted = ProviderOrigin(provider_id=provider.id, origin=origin)
    if session.get(ProviderOrigin, (wanted.provider_id, wanted.origin)) is not None:
        return False
    session.add(wanted)
    return True


def forbid(session: Session, provider: Provider, origin: str) -> bool:
    """Take an origin, as it is kept, off a provider's list. Says whether it was on it. The caller commits."""
    is_it = (ProviderOrigin.provider_id == provider.id, ProviderOrigin.origin == origin)
    return session.scalar(delete(ProviderOrigin).where(*is_it).returning(ProviderOrigin.origin)) is not None


def keep_only(session: Session, provider: Provider, origins: Sequence[str]) -> None:
    """Make a provider's list exactly these, as they are kept. The caller commits."""
    session.execute(
        delete(ProviderOrigin).where(ProviderOrigin.provider_id == provider.id, ProviderOrigin.origin.not_in(origins))
    )
    for origin in origins:
        allow(session, provider, origin)


def origins(session: Session, slug: str | None = None) -> list[tuple[str, str]]:
    """Pairs of a provider's slug and an origin that may frame its embeds, in order; of one provider or of all."""
    statement = select(Provider.slug, ProviderOrigin.origin).join(Provider, Provider.id == ProviderOrigin.provider_id)
    if slug is not None:
        statement = statement.where(Provider.slug == slug)
    return sorted((found, origin) for found, origin in session.execute(statement))


def add(connection: Connection, day: date, widget: str, host: str, *, views: int = 0, clicks: int = 0) -> None:
    """Add to the counts of a day in the UK, a widget and a host. The caller commits.

    It can be done by many at once and none is lost. Hosts that come when a widget
    has `MAX_HOSTS` that day count together, under `other`; as many more than that
    may slip in as write at the very same moment. Clicks from a widget that nobody has
    seen that day or the day before are not counted: anybody may ask for such an address.
    """
    values = {"day": day, "day_before": day - timedelta(days=1), "widget": widget, "host": host}
    connection.execute(_ADD, values | {"views": views, "clicks": clicks})


def counts(session: Session, since: date) -> list[EmbedCount]:
    """The counts from a day in the UK on, by day, widget and host."""
    found = session.scalars(select(EmbedCount).where(EmbedCount.day >= since))
    # Here, for the databases order text differently.
    return sorted(found, key=lambda each: (each.day, each.widget, each.host))
