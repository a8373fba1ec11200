"""Journal: a server-rendered journaling site that people keep for decades."""

__version__ = "0.2.0"
