"""Settings, one small class a concern, each read from ``EXCLUSION_MAP_*`` in the environment."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from exclusion_map.errors import SettingsError
from exclusion_map.settings_accounts import AccountSettings as AccountSettings
from exclusion_map.settings_accounts import OpenIdSettings as OpenIdSettings
from exclusion_map.settings_base import config
from exclusion_map.settings_mail import MailSettings as MailSettings
from exclusion_map.settings_operations import OperationsSettings as OperationsSettings
from exclusion_map.settings_operations import WorkSettings as WorkSettings


class DataSettings(BaseSettings):
    """Where raw files and built editions live."""

    model_config = config()

    raw_dir: Path = Field(
        Path("data/raw"), description="Folder of raw files, one subfolder per source."
    )
    processed_dir: Path = Field(
        Path("data/processed"), description="Folder for editions and build steps."
    )


class FetchSettings(BaseSettings):
    """Limits of the downloader."""

    model_config = config()

    fetch_attempts: int = Field(
        4, ge=1, le=10, description="Number of attempts to download a file before giving up."
    )
    fetch_backoff_s: float = Field(
        0.5, ge=0, description="Wait before the first retry, in seconds; doubles with each retry."
    )
    fetch_connect_timeout_s: float = Field(
        3.0, gt=0, description="Seconds to wait for a connection to a publisher."
    )
    fetch_read_timeout_s: float = Field(
        60.0, gt=0, description="Seconds to wait for more data while downloading a file."
    )
    fetch_max_bytes: int = Field(
        1_000_000_000, gt=0, description="Largest file to download, in bytes."
    )
    fetch_max_unpacked_bytes: int = Field(
        4_000_000_000, gt=0, description="Most bytes to unpack from one zip file."
    )


class DatabaseSettings(BaseSettings):
    """Where what people change is kept: the directory, accounts, suggestions, history."""

    model_config = config()

    database_url: str = Field(
        "sqlite:///data/exclusion-map.db",
        description="Database URL: sqlite:///file, postgresql://user@host/name, or none for "
        "read-only.",
    )
    database_connect_timeout_s: int = Field(
        5, ge=2, le=300, description="Seconds to wait for a connection to a PostgreSQL server."
    )
    database_statement_timeout_s: float = Field(
        15.0,
        gt=0,
        le=3600,
        description="Most seconds one statement may take, or wait for another writer.",
    )


class ImportSettings(BaseSettings):
    """How large a list may be that somebody brings into the directory."""

    model_config = config()

    import_max_bytes: int = Field(
        20_000_000, ge=1000, description="Largest file of places to import, in bytes."
    )
    import_max_rows: int = Field(
        50_000, ge=1, description="Most rows in a file of places to import."
    )
    import_dir: str = Field(
        "",
        description="Private folder for uploads waiting to be imported (for up to a day); if "
        "empty, a folder in the system's temporary folder.",
    )


class UploadSettings(BaseSettings):
    """How large and how laborious a boundary or a list may be that somebody brings for one answer.

    A file is read by a process of its own with these limits of memory and time.
    """

    model_config = config()

    upload_max_bytes: int = Field(
        20_000_000, ge=1000, description="Largest boundary or list that can be uploaded, in bytes."
    )
    upload_max_unpacked_bytes: int = Field(
        200_000_000, ge=1000, description="Most bytes a compressed upload may unpack to."
    )
    upload_max_entries: int = Field(
        500, ge=1, description="Most files in a compressed upload (zip, KMZ, XLSX)."
    )
    upload_max_features: int = Field(
        20_000, ge=1, description="Most shapes, and most rings, in an uploaded boundary."
    )
    upload_max_corners: int = Field(
        1_000_000, ge=4, description="Most vertices in an uploaded boundary."
    )
    upload_max_rows: int = Field(250_000, ge=1, description="Most rows in an uploaded list.")
    upload_max_columns: int = Field(200, ge=1, description="Most columns in an uploaded list.")
    upload_max_cell: int = Field(
        2_000, ge=10, description="Most characters in a cell of an uploaded list."
    )
    upload_receive_seconds: float = Field(
        120.0, gt=0, le=3600, description="Most seconds an upload may take to arrive."
    )
    upload_idle_seconds: float = Field(
        20.0, gt=0, le=3600, description="Most seconds between two parts of an upload."
    )
    upload_seconds: float = Field(
        20.0, gt=0, le=600, description="Most seconds spent reading an upload."
    )
    upload_memory_mb: int = Field(
        1_500, ge=500, description="Most memory for reading an upload, in megabytes."
    )


class DisclosureSettings(BaseSettings):
    """How small counts of people that somebody brings are kept from pointing at anybody."""

    model_config = config()

    small_count_threshold: int = Field(
        7,
        ge=0,
        le=100,
        description="Counts of people in uploaded lists from 1 up to this number are withheld.",
    )
    small_count_rounding: int = Field(
        5,
        ge=1,
        le=100,
        description="Other counts of people in uploaded lists are rounded to a multiple of this "
        "number.",
    )


class FeedSettings(BaseSettings):
    """How much is taken from a feed of Open Referral UK, and from whom."""

    model_config = config()

    feeds_allowed: str = Field(
        "",
        description="Hosts, separated by commas, whose feeds may be read although their "
        "addresses are not public, such as 10.1.2.3 or directory.internal:8080.",
    )
    feeds_max_seconds: float = Field(
        300.0, gt=0, le=3600, description="Most seconds that reading one feed may take."
    )
    feeds_max_pages: int = Field(1_000, ge=1, description="Most pages in one feed.")
    feeds_max_services: int = Field(20_000, ge=1, description="Most services in one feed.")
    feeds_max_bytes: int = Field(
        100_000_000, ge=1000, description="Most bytes in one feed, all responses together."
    )


class EditingSettings(BaseSettings):
    """How the directory is edited, and what the public may suggest."""

    model_config = config()

    contributions: Literal["live", "wait"] = Field(
        "live",
        description="When contributors' additions and corrections appear: live (at once) or wait "
        "(after a moderator accepts them).",
    )
    suggestions_per_hour: int = Field(
        10, ge=1, description="Most suggestions from one network address per hour."
    )
    suggestion_keep_days: int = Field(
        30,
        ge=0,
        description="Days after the decision on a suggestion after which names and emails are "
        "deleted.",
    )
    suggestion_wait_days: int = Field(
        180,
        ge=1,
        description="Days after which names and emails are deleted even without a decision.",
    )


class ServiceSettings(BaseSettings):
    """How the web service runs and what its pages show."""

    model_config = config()

    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the service listens on; 0 picks one.")
    base_url: str = Field(
        "", description="Public address of the service when it runs behind a proxy."
    )
    hosts: str = Field(
        "",
        description="Names, with commas, under which the service is asked; requests under others "
        "get 421. Any, if empty.",
    )
    basemap_style: str = Field(
        "", description="Address of a raster street basemap ({z}/{x}/{y}); if empty, there is none."
    )
    basemap_attribution: str = Field("", description="Credit line of the street basemap.")
    search_limit: int = Field(10, ge=1, le=50, description="Most search results in one response.")
    page_size: int = Field(50, ge=1, le=500, description="Rows per page in tables.")
    support_limit: int = Field(
        200, ge=1, le=5000, description="Most support locations in one response."
    )
    draws_limit: int = Field(
        1_000, ge=1, le=100_000, description="Most draws for one uncertainty request."
    )
    whole_values: int = Field(
        250_000,
        ge=0,
        description="Most areas of one kind for which the map fetches all values at once; above "
        "this, it fetches only those in view.",
    )
    prepared_kept: int = Field(
        6,
        ge=1,
        le=1000,
        description="Number of sets of normalised columns (3 MB each) kept in memory.",
    )
    picture_cache_mb: int = Field(
        96, ge=1, description="Memory for an edition's raster tiles, in megabytes."
    )
    scored_tiles_mb: int = Field(
        48, ge=1, description="Memory for an edition's scored tiles, in megabytes."
    )
    items_limit: int = Field(
        10_000, ge=1, le=100_000, description="Most features on one page of OGC API Features."
    )
    upload_limit: int = Field(
        8_000_000, ge=1000, description="Largest request body with values, in bytes."
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
    MailSettings,
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
