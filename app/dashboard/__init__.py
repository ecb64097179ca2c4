"""What the service did lately, and what became of it: numbers from the store, and nothing of a patient (docs/dashboard.md)."""
