"""Settings, one small class a concern, each read from ``EXCLUSION_MAP_*`` in the environment."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings

from exclusion_map.errors import SettingsError
from exclusion_map.settings_accounts import AccountSettings as AccountSettings
from exclusion_map.settings_accounts import OpenIdSettings as OpenIdSettings
from exclusion_map.settings_base import config


class DataSettings(BaseSettings):
    """Where raw files and built editions live."""

    model_config = config()

    raw_dir: Path = Field(Path("data/raw"), description="Folder of raw files, one folder a source.")
    processed_dir: Path = Field(
        Path("data/processed"), description="Folder that holds editions and build steps."
    )


class FetchSettings(BaseSettings):
    """Limits of the downloader."""

    model_config = config()

    fetch_attempts: int = Field(4, ge=1, le=10, description="Tries for one file before giving up.")
    fetch_backoff_s: float = Field(
        0.5, ge=0, description="First wait between tries, in seconds; doubles each time."
    )
    fetch_connect_timeout_s: float = Field(
        3.0, gt=0, description="Seconds to wait for a publisher to answer at all."
    )
    fetch_read_timeout_s: float = Field(
        60.0, gt=0, description="Seconds to wait for more bytes of a file."
    )
    fetch_max_bytes: int = Field(
        1_000_000_000, gt=0, description="Largest file that is accepted, in bytes."
    )
    fetch_max_unpacked_bytes: int = Field(
        4_000_000_000, gt=0, description="Most bytes that are unpacked from one zip file."
    )


class DatabaseSettings(BaseSettings):
    """Where what people change is kept: the directory, accounts, suggestions, history."""

    model_config = config()

    database_url: str = Field(
        "sqlite:///data/exclusion-map.db",
        description="Database of the directory: sqlite:///file, postgresql://user@host/name, none.",
    )
    database_connect_timeout_s: int = Field(
        5, ge=2, le=300, description="Seconds to wait for a PostgreSQL server to let us in."
    )
    database_statement_timeout_s: float = Field(
        15.0,
        gt=0,
        le=3600,
        description="Seconds that one statement may take, or wait for another writer.",
    )


class ImportSettings(BaseSettings):
    """How large a list may be that somebody brings into the directory."""

    model_config = config()

    import_max_bytes: int = Field(
        20_000_000, ge=1000, description="Largest file of places to import, in bytes."
    )
    import_max_rows: int = Field(
        50_000, ge=1, description="Most rows of a file of places to import."
    )
    import_dir: str = Field(
        "",
        description="Private folder of uploads that wait a day at most to be loaded; one in the "
        "system's temporary folder when empty.",
    )


class UploadSettings(BaseSettings):
    """How large and how laborious a boundary or a list may be that somebody brings for one answer.

    A file is read by a process of its own with these limits of memory and time.
    """

    model_config = config()

    upload_max_bytes: int = Field(
        20_000_000, ge=1000, description="Largest boundary or list that is sent, in bytes."
    )
    upload_max_unpacked_bytes: int = Field(
        200_000_000, ge=1000, description="Most bytes that a packed upload unpacks to."
    )
    upload_max_entries: int = Field(
        500, ge=1, description="Most files in a packed upload (zip, KMZ, XLSX)."
    )
    upload_max_features: int = Field(
        20_000, ge=1, description="Most shapes, and most rings of them, in an uploaded boundary."
    )
    upload_max_corners: int = Field(
        1_000_000, ge=4, description="Most corners of an uploaded boundary."
    )
    upload_max_rows: int = Field(250_000, ge=1, description="Most rows of an uploaded list.")
    upload_max_columns: int = Field(200, ge=1, description="Most columns of an uploaded list.")
    upload_max_cell: int = Field(
        2_000, ge=10, description="Most characters in a cell of an uploaded list."
    )
    upload_receive_seconds: float = Field(
        120.0, gt=0, le=3600, description="Most seconds that an upload may take to arrive."
    )
    upload_idle_seconds: float = Field(
        20.0, gt=0, le=3600, description="Most seconds between two parts of an upload."
    )
    upload_seconds: float = Field(
        20.0, gt=0, le=600, description="Most seconds of work on reading an upload."
    )
    upload_memory_mb: int = Field(
        1_500, ge=500, description="Memory that reading an upload may take, in millions of bytes."
    )


class DisclosureSettings(BaseSettings):
    """How small counts of people that somebody brings are kept from pointing at anybody."""

    model_config = config()

    small_count_threshold: int = Field(
        7, ge=0, le=100, description="Counts of people brought, from 1 to this, are withheld."
    )
    small_count_rounding: int = Field(
        5, ge=1, le=100, description="Other counts of people brought are rounded to this."
    )


class WorkSettings(BaseSettings):
    """How much heavy work the service does at once; who comes when it is full is sent away."""

    model_config = config()

    work_at_once: int = Field(
        2, ge=1, le=64, description="Pieces of heavy work (files, siting, boundaries) at once."
    )
    work_waiting: int = Field(
        16, ge=0, le=1000, description="Pieces of heavy work that wait their turn; then 503."
    )


class OperationsSettings(BaseSettings):
    """What those who run the service see of it, how much it takes on, and how it stops."""

    model_config = config()

    log_format: Literal["auto", "plain", "json"] = Field(
        "auto",
        description="Form of the log: plain lines, JSON lines, or plain on a terminal and JSON "
        "elsewhere.",
    )
    log_requests: Literal["all", "pages", "failures", "none"] = Field(
        "pages",
        description="Requests that get a line: all; all but tiles, files and probes that went well "
        "(pages); those that failed or were slow; none.",
    )
    log_slow_s: float = Field(1.0, gt=0, description="Seconds from which a request is slow.")
    log_error_words: bool = Field(
        False,
        description="Whether the log tells the words of errors: they help, and may repeat what "
        "somebody asked.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Secret by which Prometheus reads /metrics (bearer token, 16 characters or "
        "more); there are no metrics when empty.",
    )
    traces_to: str = Field(
        "",
        description="Address of an OpenTelemetry collector (OTLP over HTTP) that gets a trace of "
        "each request; no traces when empty.",
    )
    requests_at_once: int = Field(
        256, ge=1, le=100_000, description="Requests under way in a process; then 503 at once."
    )
    stop_seconds: float = Field(
        20.0, ge=0, le=3600, description="Seconds that requests under way get to end at a stop."
    )
    stop_notice_s: float = Field(
        0.0,
        ge=0,
        le=600,
        description="Seconds between the order to stop, from when on the service is not ready, and "
        "the stop; for balancers that ask /readyz.",
    )
    ready_needs: str = Field(
        "edition,database,disk,work",
        description="What must be well for /readyz to say so, with commas: edition, database, "
        "disk, work, age. What else is not well is told, and the service is ready.",
    )
    edition_days: int = Field(
        400, ge=0, description="Days from which the edition served is told to be old; 0 for never."
    )
    disk_free_mb: int = Field(
        200, ge=0, description="Least free space for the database and uploads, in MB."
    )
    work_stuck_seconds: float = Field(
        900.0, gt=0, description="Seconds without an end in a full queue of heavy work: it hangs."
    )

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 16:
            raise ValueError("a secret of 16 characters or more")
        return value

    @field_validator("ready_needs")
    @classmethod
    def _known(cls, value: str) -> str:
        known = {"edition", "database", "disk", "work", "age"}
        if not set(filter(None, map(str.strip, value.split(",")))) <= known:
            raise ValueError(f"some of {', '.join(sorted(known))}, with commas")
        return value


class FeedSettings(BaseSettings):
    """How much is taken from a feed of Open Referral UK, and from whom."""

    model_config = config()

    feeds_allowed: str = Field(
        "",
        description="Hosts, with commas, whose feeds are read although their addresses are not "
        "public, such as 10.1.2.3 or directory.internal:8080.",
    )
    feeds_max_seconds: float = Field(
        300.0, gt=0, le=3600, description="Most seconds that reading one feed may take."
    )
    feeds_max_pages: int = Field(1_000, ge=1, description="Most pages of one feed.")
    feeds_max_services: int = Field(20_000, ge=1, description="Most services of one feed.")
    feeds_max_bytes: int = Field(
        100_000_000, ge=1000, description="Most bytes of one feed, all answers together."
    )


class EditingSettings(BaseSettings):
    """How the directory is edited, and what the public may suggest."""

    model_config = config()

    contributions: Literal["live", "wait"] = Field(
        "live",
        description="What contributors add and correct: live at once, or wait for a moderator.",
    )
    suggestions_per_hour: int = Field(
        10, ge=1, description="Most suggestions of one network address in an hour."
    )
    suggestion_keep_days: int = Field(
        30,
        ge=0,
        description="Days after the decision on a suggestion that names and emails are deleted.",
    )
    suggestion_wait_days: int = Field(
        180, ge=1, description="Days after which they are deleted even without a decision."
    )


class ServiceSettings(BaseSettings):
    """How the web service runs and what its pages show."""

    model_config = config()

    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the service listens on; 0 picks one.")
    base_url: str = Field("", description="Public address of the service, when behind a proxy.")
    basemap_style: str = Field(
        "", description="Address of a raster street basemap ({z}/{x}/{y}); empty means none."
    )
    basemap_attribution: str = Field("", description="Credit line of the street basemap.")
    search_limit: int = Field(10, ge=1, le=50, description="Most search results in one answer.")
    page_size: int = Field(50, ge=1, le=500, description="Rows of a table page.")
    support_limit: int = Field(200, ge=1, le=5000, description="Most support places in one answer.")
    draws_limit: int = Field(
        1_000, ge=1, le=100_000, description="Most draws behind one answer on uncertainty."
    )
    whole_values: int = Field(
        250_000,
        ge=0,
        description="Most areas of a kind whose values the map fetches at once; of kinds with more "
        "it fetches those in view.",
    )
    prepared_kept: int = Field(
        6, ge=1, le=1000, description="Sets of normalised columns (3 MB each) kept in memory."
    )
    picture_cache_mb: int = Field(
        96, ge=1, description="Memory for raster tiles of an edition, in millions of bytes."
    )
    scored_tiles_mb: int = Field(
        48, ge=1, description="Memory for scored tiles of an edition, in millions of bytes."
    )
    items_limit: int = Field(
        10_000, ge=1, le=100_000, description="Most features on a page of OGC API Features."
    )
    upload_limit: int = Field(
        8_000_000, ge=1000, description="Largest body of a request with values, in bytes."
    )


Settings = TypeVar("Settings", bound=BaseSettings)


def read(settings: type[Settings]) -> Settings:
    """Return settings from the environment.

    Raises:
        SettingsError: a variable has a value that cannot be; it is named.
    """
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper().removeprefix("EXCLUSION_MAP_")
        field = settings.model_fields.get(name.lower())
        secret = field is not None and field.annotation is SecretStr
        raise SettingsError(
            f"EXCLUSION_MAP_{name}",
            found="a secret, not shown" if secret else repr(first["input"]),
            expected=str(first["msg"]),
            mend="See docs/reference/settings.md.",
        ) from None


EVERY = (
    DataSettings,
    FetchSettings,
    DatabaseSettings,
    ImportSettings,
    UploadSettings,
    WorkSettings,
    OperationsSettings,
    FeedSettings,
    AccountSettings,
    OpenIdSettings,
    EditingSettings,
    DisclosureSettings,
    ServiceSettings,
)
"""Every settings class, for the reference."""


def reference() -> str:
    """Return the table of all settings as Markdown; ``docs/reference/settings.md`` holds it."""
    lines = ["| variable | default | what it sets |", "|---|---|---|"]
    for settings in EVERY:
        for name, field in settings.model_fields.items():
            shown = f"`{field.default}`" if str(field.default) else "empty"
            lines.append(f"| `EXCLUSION_MAP_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)
