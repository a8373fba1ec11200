"""Adoption of an old app: its people and entries, how its rows are read, and who owns them."""
