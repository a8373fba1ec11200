"""What one adoption is made of: the terms, the people, the entries, and the report."""
