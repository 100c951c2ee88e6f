"""Signing in with a provider of OpenID Connect: authorization code flow, PKCE, verified tokens."""

from exclusion_map.accounts.openid.faults import ProviderAwayError, RefusedByProviderError
from exclusion_map.accounts.openid.flow import Flow, OpenId
from exclusion_map.accounts.openid.logout import SignedOut
from exclusion_map.accounts.openid.tokens import Identity

__all__ = ["Flow", "Identity", "OpenId", "ProviderAwayError", "RefusedByProviderError", "SignedOut"]
