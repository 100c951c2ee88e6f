"""Tables of the directory, named as Open Referral (HSDS-UK 3.0) names them, and our own few."""

from exclusion_map.directory.tables.history import Change
from exclusion_map.directory.tables.locations import Accessibility, Address, Location
from exclusion_map.directory.tables.organizations import Organization
from exclusion_map.directory.tables.services import (
    Contact,
    CostOption,
    Language,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.tables.taxonomies import Attribute, Taxonomy, TaxonomyTerm

__all__ = [
    "Accessibility",
    "Address",
    "Attribute",
    "Change",
    "Contact",
    "CostOption",
    "Language",
    "Location",
    "Organization",
    "Phone",
    "Schedule",
    "Service",
    "ServiceAtLocation",
    "Taxonomy",
    "TaxonomyTerm",
]
