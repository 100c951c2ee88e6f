"""Who offers services."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class Organization(Base):
    """An organisation: a council's library service, a charity, a practice."""

    __tablename__ = "organization"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(300), index=True)
    description: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    logo: Mapped[str] = mapped_column(default="")
    uri: Mapped[str] = mapped_column(default="")
    parent_organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
