"""Every setting: its environment name, its default, one line of help.

Values come from the environment or from a file `.env` beside this one. The
README's table of settings is tested against this class.
"""

import sys
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

ROOT = Path(__file__).parent
UK_TIME = ZoneInfo("Europe/London")
FEATURED_PLACES = (
    "Plymouth",
    "Brighton and Hove",
    "Southampton",
    "Cambridge",
    "Leeds",
    "Bradford",
    "Belfast",
    "Kingston upon Thames",
)


class Settings(BaseSettings):
    """What an operator may choose. Raises pydantic's `ValidationError` for a value that cannot be."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", frozen=True)

    database_url: str = Field(
        f"sqlite:///{ROOT}/instance/doorstep.db",
        description="Where the catalogue is: `sqlite:///file` (SpatiaLite) or `postgresql://…` (PostGIS); hosts to "
        "choose from stand with commas, as in `postgresql://user@a,b/name?target_session_attrs=read-write`",
    )
    database_replica_url: str = Field(
        "",
        description="Where a streaming replica of it is, also one of several, for pages that are the same for "
        "everybody; empty for none",
    )
    redis_url: str = Field(
        "",
        description="Where a Redis is, such as `redis://host:6379/0`, in which workers count together and share copies "
        "of widgets; empty for each process by itself",
    )
    gazetteer_file: Path = Field(
        ROOT / "instance" / "gazetteer.db",
        description="The built table of postcodes and places",
    )
    online_geocoder: str = Field(
        "",
        description="A geopy geocoder, such as `nominatim`, asked for what the gazetteer cannot place; empty for none",
    )
    online_geocoder_options: dict[str, Any] = Field(
        {},
        description="What that geocoder is made with, as JSON, such as a key or a domain",
    )
    online_geocoder_user_agent: str = Field("doorstep", description="How we name ourselves to it")
    online_geocoder_timeout: float = Field(3.0, gt=0, le=30, description="Seconds to wait for its answer")
    online_geocoder_interval: float = Field(1.0, ge=0, le=60, description="Seconds to leave between two questions")
    routing_url: str = Field(
        "",
        description="Where a routing engine answers, whose travel times replace our estimates; "
        "`{mode}` in it becomes foot, bike or car; empty for none",
    )
    routing_kind: Literal["osrm", "opentripplanner"] = Field(
        "osrm", description="What that engine is: osrm or opentripplanner"
    )
    routing_modes: tuple[Literal["foot", "bike", "car", "transit"], ...] = Field(
        ("foot", "bike"),
        description="What it is asked about, as a JSON list of foot, bike, car and transit; OSRM knows no transit",
    )
    routing_timeout: float = Field(2.0, gt=0, le=30, description="Seconds that a page may wait for its answers")
    host: str = Field("127.0.0.1", description="The address to serve on")
    port: int = Field(8000, ge=1, le=65535, description="The port to serve on")
    web_workers: int = Field(2, ge=1, le=64, description="Gunicorn worker processes")
    web_threads: int = Field(2, ge=1, le=64, description="Pages that one of them works on at the same time")
    public_url: str = Field(
        "",
        description="The address that the public uses, such as https://doorstep.example; "
        "empty to take it from each request",
    )
    featured_places: tuple[str, ...] = Field(
        FEATURED_PLACES,
        description="The towns offered on the front page, as a JSON list of names",
    )
    page_size: int = Field(20, ge=1, le=100, description="Opportunities on a page of results")
    tile_url: str = Field(
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        description="Template of the map tiles' address, or the name of a provider that xyzservices knows, such as "
        "`OpenTopoMap`; empty for maps without a background",
    )
    tile_attribution: str = Field(
        "© OpenStreetMap contributors",
        description="Plain text shown on maps, as the owner of the tiles asks; a provider that is named brings its own",
    )
    tile_attribution_url: str = Field(
        "https://www.openstreetmap.org/copyright",
        description="Where that text links to; empty for no link",
    )
    tile_max_zoom: int = Field(19, ge=1, le=22, description="The closest zoom that the tiles have")
    embed_unlisted: Literal["anyone", "no-one"] = Field(
        "anyone",
        description="Who may frame the embeds of a provider without a list of origins, and those of no one provider: "
        "anyone or no-one",
    )
    feed_licence: str = Field(
        "https://creativecommons.org/licenses/by/4.0/",
        description="The address of the licence under which the catalogue is given out as a feed: one that all whose "
        "data is in it agree to",
    )
    rate_limit: int = Field(
        600,
        ge=0,
        description="Questions a minute that one address may ask of the API, the feeds and the tables, of each worker "
        "process, or with `REDIS_URL` of all together; 0 for any number",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def with_driver(cls, url: str, which: ValidationInfo) -> str:
        """`postgres://` and `postgresql://` mean psycopg 3, whatever the platform that sets them says."""
        scheme, separator, rest = url.partition("://")
        if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
            return f"postgresql+psycopg{separator}{_with_hosts_apart(rest)}"
        if scheme == "sqlite" or (not url and which.field_name == "database_replica_url"):
            return url
        raise ValueError("start it with sqlite:/// or postgresql://")

    @model_validator(mode="after")
    def a_replica_of_its_own_sort(self) -> "Settings":
        both = (self.database_url, self.database_replica_url)
        if self.database_replica_url and not all(each.startswith("postgresql") for each in both):
            raise ValueError("DATABASE_REPLICA_URL is for PostgreSQL: leave it empty, or set both to postgresql://")
        return self

    @field_validator("redis_url")
    @classmethod
    def of_redis(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("start it with redis://, rediss:// or unix://")
        return url

    @field_validator("public_url")
    @classmethod
    def just_a_site(cls, url: str) -> str:
        """The address without a slash at its end, for paths to follow."""
        parts = urlsplit(url.rstrip("/"))
        if url and (
            parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment
        ):
            raise ValueError("give a scheme and a host and nothing after, as in https://doorstep.example")
        return url.rstrip("/")

    @field_validator("routing_url")
    @classmethod
    def an_engine(cls, url: str) -> str:
        """The address without a slash at its end, for paths to follow."""
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("give a scheme, a host and at most a path, as in http://127.0.0.1:5000")
        return url.rstrip("/")

    @model_validator(mode="after")
    def an_engine_that_knows_the_modes(self) -> "Settings":
        if self.routing_url and self.routing_kind == "osrm" and "transit" in self.routing_modes:
            raise ValueError("OSRM knows no public transport: take transit from ROUTING_MODES, or use opentripplanner")
        return self

    @field_validator("tile_url")
    @classmethod
    def with_places_to_fill(cls, url: str) -> str:
        if not url or all(part in url for part in ("{z}", "{x}", "{y}")):
            return url
        if "/" in url:
            raise ValueError("it needs {z}, {x} and {y}, as in https://tile.example/{z}/{x}/{y}.png")
        import xyzservices  # reads a list of hundreds: only where a name is set

        try:
            provider = xyzservices.providers.query_name(url)
        except ValueError:
            raise ValueError(f"no provider of tiles is called {url}: name another, or give a whole template") from None
        if provider.requires_token():
            raise ValueError(f"{provider.name} asks for a key: give the whole template, with the key in it")
        return url


def _with_hosts_apart(rest: str) -> str:
    """Several hosts as libpq writes them, `user@a:5432,b:5432/name?…`, where SQLAlchemy reads them: in the query.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
    """
    parts = urlsplit(f"//{rest}")
    user, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return rest
    query = "&".join([*filter(None, [parts.query]), *(f"host={host}" for host in hosts.split(","))])
    return f"{user}{at}{parts.path}?{query}"


def load_settings() -> Settings:
    """The settings of this process. Ends it with one line for each value that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        sys.exit("\n".join(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()))
    except SettingsError as error:
        # A value that should be JSON and is not; the message names the setting.
        sys.exit(str(error).splitlines()[0])
