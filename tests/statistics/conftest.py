"""Tests of this folder share what is dear to make."""

from tests.reused import compiled, database_url, reused

__all__ = ["compiled", "database_url", "reused"]
