"""Source databases of an import: opened read-only, their tables detected, their rows read."""
