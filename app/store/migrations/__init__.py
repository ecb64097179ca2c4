"""The database's schema, one step after the other. A step that has been released is never changed."""
