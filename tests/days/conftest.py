"""Tests of this folder share one PostgreSQL database, emptied after each of them."""

from tests.reused import database_url, reused

__all__ = ["database_url", "reused"]
