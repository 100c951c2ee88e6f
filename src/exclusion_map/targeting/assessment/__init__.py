"""Evidence for an equality and health inequalities impact assessment."""
