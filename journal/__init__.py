"""Journal: a server-rendered journaling site that people keep for decades."""

__version__ = "0.1.0"
