"""What operators see of the service beside its answers: counts and traces (docs/observability.md). Nothing of a patient is in either."""
