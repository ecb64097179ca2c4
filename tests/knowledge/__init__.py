"""The guideline as computable FHIR R4, and the source attributes: valid, complete, and true of what the service does."""
