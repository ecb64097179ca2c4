"""What a call costs, as a ratio to what merely reading its JSON costs. `make bench` writes RESULTS.md; the service imports none of it."""
