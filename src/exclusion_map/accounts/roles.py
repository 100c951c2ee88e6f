"""What a person may do here."""

from enum import StrEnum


class Role(StrEnum):
    """A role; each includes the permissions of those before it."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    MODERATOR = "moderator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Place in the order, from 0."""
        return tuple(Role).index(self)

    def allows(self, other: "Role") -> bool:
        """Whether this role may do what another may."""
        return self.rank >= other.rank

    @property
    def words(self) -> str:
        """What the role may do, for people who choose one."""
        return _WORDS[self]

    @classmethod
    def up_to(cls, highest: "Role") -> tuple["Role", ...]:
        """Return the roles that a role allows, the lowest first."""
        return tuple(role for role in cls if highest.allows(role))


_WORDS = {
    Role.VIEWER: "sees what signed-in people see",
    Role.CONTRIBUTOR: "adds and corrects entries",
    Role.MODERATOR: "also decides on suggestions and imports",
    Role.ADMIN: "also invites people and changes roles",
}
