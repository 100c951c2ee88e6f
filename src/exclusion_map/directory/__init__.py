"""The directory of support: listings in Open Referral's terms, kept in SQL with their history."""

from exclusion_map.directory.listing import ACCESSIBILITY, CostLine, Held, Listing, Offer, Provider
from exclusion_map.directory.store import Directory
from exclusion_map.directory.taxonomy_rows import prepare
from exclusion_map.directory.terms import (
    PLACES,
    SUPPORT,
    TaxonomyOfTerms,
    Term,
    stable_id,
    taxonomy,
)

__all__ = [
    "ACCESSIBILITY",
    "PLACES",
    "SUPPORT",
    "CostLine",
    "Directory",
    "Held",
    "Listing",
    "Offer",
    "Provider",
    "TaxonomyOfTerms",
    "Term",
    "prepare",
    "stable_id",
    "taxonomy",
]
