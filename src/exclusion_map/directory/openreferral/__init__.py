"""Listings as Open Referral UK (HSDS-UK 3.0) writes them, and back."""

from exclusion_map.directory.openreferral.reading import listings_of
from exclusion_map.directory.openreferral.remote import help_service_json
from exclusion_map.directory.openreferral.writing import (
    organization_json,
    service_at_location_json,
    service_json,
    taxonomy_json,
    term_json,
)

__all__ = [
    "help_service_json",
    "listings_of",
    "organization_json",
    "service_at_location_json",
    "service_json",
    "taxonomy_json",
    "term_json",
]
