"""Settings of running the service: heavy work, logs, metrics, limits, stopping."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from exclusion_map.settings_base import config


class WorkSettings(BaseSettings):
    """How much heavy work the service does at once; who comes when it is full is sent away."""

    model_config = config()

    work_at_once: int = Field(
        2,
        ge=1,
        le=64,
        description="Number of heavy tasks (files, siting, boundaries) that run at once.",
    )
    work_waiting: int = Field(
        16,
        ge=0,
        le=1000,
        description="Number of heavy tasks that may wait their turn; beyond that, requests get "
        "503.",
    )
    work_seconds: float = Field(
        300.0, gt=0, le=3600, description="Most seconds of one piece of heavy work; it is ended."
    )


class OperationsSettings(BaseSettings):
    """What those who run the service see of it, how much it takes on, and how it stops."""

    model_config = config()

    log_format: Literal["auto", "plain", "json"] = Field(
        "auto",
        description="Log format: plain lines, JSON lines, or auto (plain on a terminal, JSON "
        "elsewhere).",
    )
    log_requests: Literal["all", "pages", "failures", "none"] = Field(
        "pages",
        description="Which requests are logged: all; pages (all except successful tiles, files "
        "and probes); only those that failed or were slow; none.",
    )
    log_slow_s: float = Field(1.0, gt=0, description="Seconds from which a request counts as slow.")
    log_error_words: bool = Field(
        False,
        description="Whether the log includes error messages. They help with debugging but may "
        "repeat what a visitor asked.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Secret (bearer token, 16 characters or more) that lets Prometheus read "
        "/metrics; if empty, there are no metrics.",
    )
    traces_to: str = Field(
        "",
        description="Address of an OpenTelemetry collector (OTLP over HTTP) that receives a "
        "trace of each request; if empty, there are no traces.",
    )
    requests_at_once: int = Field(
        128,
        ge=1,
        le=100_000,
        description="Most concurrent requests per process, besides those in a queue of heavy work; "
        "beyond that, requests get 503 at once.",
    )
    answer_threads: int = Field(
        40,
        ge=2,
        le=1000,
        description="Threads per process that answer requests; heavy work has its own. With too "
        "few, requests wait while the process is busy refusing others.",
    )
    stop_seconds: float = Field(
        20.0, ge=0, le=3600, description="Seconds that running requests get to finish at shutdown."
    )
    stop_notice_s: float = Field(
        0.0,
        ge=0,
        le=600,
        description="Seconds between the signal to stop, when /readyz starts to report not "
        "ready, and the stop; for load balancers that poll /readyz.",
    )
    ready_needs: str = Field(
        "edition,database,disk,work",
        description="Checks that must pass for /readyz to report ready, separated by commas: "
        "edition, database, disk, work, age. Failures of other checks are reported, "
        "but the service stays ready.",
    )
    edition_days: int = Field(
        400,
        ge=0,
        description="Age in days from which the served edition is reported as old; 0 means never.",
    )
    disk_free_mb: int = Field(
        200, ge=0, description="Least free disk space for the database and uploads, in MB."
    )
    work_stuck_seconds: float = Field(
        900.0,
        gt=0,
        description="Seconds without progress in a full queue of heavy tasks after which it "
        "counts as stuck.",
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
