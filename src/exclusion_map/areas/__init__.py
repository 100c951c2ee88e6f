"""The read model of areas: tables, roll-up, profiles, search."""
