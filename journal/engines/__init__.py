"""Tortoise's two engines, mended where they lose writes, with every query counted."""
