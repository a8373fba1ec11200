"""The old app's database: opened, understood by its shapes, and read; never written."""
