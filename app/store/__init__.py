"""What is kept: used tokens, what was answered, what became of it, who asked. SQLite by default, PostgreSQL by URL (docs/feedback.md)."""
