"""Terms that describe services and locations, and which carry which."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.database import Base, new_id


class Taxonomy(Base):
    """A set of terms."""

    __tablename__ = "taxonomy"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str]
    description: Mapped[str]
    uri: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(String(30), default="")


class TaxonomyTerm(Base):
    """A term; ``key`` is the short name the code and its addresses use."""

    __tablename__ = "taxonomy_term"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    taxonomy_id: Mapped[str] = mapped_column(ForeignKey("taxonomy.id"), index=True)
    key: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str]
    description: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_term.id"))


class Attribute(Base):
    """That a service, location or organisation carries a term.

    ``link_type`` says how it is known: ``stated`` by the source or an editor, or ``usual`` for
    places of this kind and not confirmed.
    """

    __tablename__ = "attribute"
    __table_args__ = (Index("ix_attribute_link", "link_entity", "link_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    link_id: Mapped[str] = mapped_column(String(36))
    link_entity: Mapped[str] = mapped_column(String(30))
    link_type: Mapped[str] = mapped_column(String(20), default="stated")
    taxonomy_term_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_term.id"), index=True)
