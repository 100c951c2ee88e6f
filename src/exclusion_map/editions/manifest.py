"""The manifest of an edition, ``manifest.json``, read and written through frozen models."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from exclusion_map.catalogue.models import Indicator
from exclusion_map.editions.plain_files import read_text_file
from exclusion_map.errors import EditionError
from exclusion_map.terms import AreaKind, Nation

MANIFEST = "manifest.json"
FORMAT = 1
EDITION_ID = r"^[a-z0-9][a-z0-9._-]{0,79}$"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRecord(_Part):
    """Size and checksum of one file of the edition."""

    bytes: int = Field(ge=0)
    sha256: Sha256


class RawFile(_Part):
    """Size and checksum of one raw file used in the edition."""

    path: str
    bytes: int = Field(ge=0)
    sha256: Sha256


class EditionSource(_Part):
    """A dataset used in the edition, with its licence and attribution."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_url: str = ""
    attribution: str
    page: str = ""
    vintage: str
    warnings: tuple[str, ...] = ()
    files: tuple[RawFile, ...] = ()


class EditionIndex(_Part):
    """An index of the edition, with its complete definition."""

    id: str
    title: str
    definition: dict[str, JsonValue]


class LevelCount(_Part):
    """Number of areas of a kind in the edition."""

    kind: AreaKind
    count: int = Field(gt=0)


class Check(_Part):
    """The result of one check made while the edition was built."""

    name: str
    description: str
    passed: bool
    detail: str = ""


class Manifest(_Part):
    """Description of an edition that can be read without opening its tables."""

    format: Literal[1] = 1
    edition: str = Field(pattern=EDITION_ID)
    title: str = Field(description="The places it covers: 'England and Wales', 'Sampleshire'.")
    synthetic: bool = Field(description="Whether the data are invented (Sampleshire).")
    built: datetime
    code_version: str
    nations: tuple[Nation, ...]
    bounds: tuple[float, float, float, float] = Field(description="West, south, east, north.")
    sources: tuple[EditionSource, ...] = ()
    indicators: tuple[Indicator, ...]
    indices: tuple[EditionIndex, ...] = Field(min_length=1)
    default_index: str
    levels: tuple[LevelCount, ...] = Field(min_length=1)
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    files: dict[str, FileRecord] = Field(default_factory=dict)
    validation: dict[str, JsonValue] = Field(default_factory=dict)
    sealed: bool = Field(default=False, description="Whether SHA256SUMS must stand beside it.")

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.default_index not in {index.id for index in self.indices}:
            raise ValueError(f"default_index {self.default_index!r} is not one of the indices")
        west, south, east, north = self.bounds
        if not (west < east and south < north):
            raise ValueError(f"bounds {self.bounds} are not west, south, east, north")
        return self

    def source(self, identity: str) -> EditionSource | None:
        """Return one source of the edition, or None if it was not used."""
        return next((source for source in self.sources if source.id == identity), None)

    def indicator(self, identity: str) -> Indicator:
        """Return one indicator.

        Raises:
            KeyError: the edition has no such indicator.
        """
        for indicator in self.indicators:
            if indicator.id == identity:
                return indicator
        raise KeyError(identity)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an edition's folder.

    Raises:
        EditionError: it is missing, not JSON, or not in this format.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(read_text_file(path))
    except FileNotFoundError:
        raise EditionError(
            f"edition {folder.name}, file {MANIFEST}",
            found="no such file",
            expected="the manifest of an edition",
            mend="Build an edition with: exclusion-map build",
        ) from None
    except OSError as error:
        raise EditionError(
            f"edition {folder.name}, file {MANIFEST}",
            found=error.strerror or str(error),
            expected="a file that can be read",
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise EditionError(
            f"edition {folder.name}, file {MANIFEST}",
            found=f"{where}: {first['msg']} ({error.error_count()} faults)",
            expected=f"a manifest of format {FORMAT}",
            mend="The file is damaged or of another version: build the edition again.",
        ) from None
