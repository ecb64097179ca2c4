"""What a call did not bring, asked for at the EHR's FHIR server: bounded in time, size and number, and only where that is allowed."""
