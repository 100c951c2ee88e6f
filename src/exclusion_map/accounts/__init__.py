"""Who may change what: accounts with roles, sessions, API tokens, invitations, an audit log."""

from exclusion_map.accounts.actor import COMMAND_LINE, Actor
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.sessions import Known
from exclusion_map.accounts.store import Accounts, HalfSignedIn, SignedIn

__all__ = ["COMMAND_LINE", "Accounts", "Actor", "HalfSignedIn", "Known", "Role", "SignedIn"]
