"""What the service holds of one person: to hand out, and to delete."""

from exclusion_map.personal.deletion import Left, delete_account
from exclusion_map.personal.export import held_of

__all__ = ["Left", "delete_account", "held_of"]
