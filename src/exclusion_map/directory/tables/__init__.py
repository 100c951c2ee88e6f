"""Tables of the directory, named as Open Referral (HSDS-UK 3.0) names them, and our own few."""

from exclusion_map.directory.tables.history import Change
from exclusion_map.directory.tables.locations import Accessibility, Address, Location
from exclusion_map.directory.tables.organizations import Organization
from exclusion_map.directory.tables.remote import RemoteHelp
from exclusion_map.directory.tables.reviews import DuplicateReview, MergedPlace
from exclusion_map.directory.tables.services import (
    Contact,
    CostOption,
    Language,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.tables.suggestions import Suggestion, SuggestionDecision
from exclusion_map.directory.tables.taxonomies import Attribute, Taxonomy, TaxonomyTerm

__all__ = [
    "Accessibility",
    "Address",
    "Attribute",
    "Change",
    "Contact",
    "CostOption",
    "DuplicateReview",
    "Language",
    "Location",
    "MergedPlace",
    "Organization",
    "Phone",
    "RemoteHelp",
    "Schedule",
    "Service",
    "ServiceAtLocation",
    "Suggestion",
    "SuggestionDecision",
    "Taxonomy",
    "TaxonomyTerm",
]
