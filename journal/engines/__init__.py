"""Database engines: Tortoise's clients for SQLite and PostgreSQL, fixed where they lose writes."""
