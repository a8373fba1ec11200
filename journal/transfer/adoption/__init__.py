"""Import of one source: its options, the people, the entries, and the report."""
