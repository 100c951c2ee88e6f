"""Listings as Open Referral UK (HSDS-UK 3.0) writes them, and back."""

from exclusion_map.directory.openreferral.reading import listings_of
from exclusion_map.directory.openreferral.writing import (
    organization_json,
    service_at_location_json,
    service_json,
    taxonomy_json,
    term_json,
)

__all__ = [
    "listings_of",
    "organization_json",
    "service_at_location_json",
    "service_json",
    "taxonomy_json",
    "term_json",
]
