"""A service over a database of the test's own, of each kind, and its dashboard as people and programs read it."""

from tests.store.conftest import cluster, url

__all__ = ["cluster", "url"]
