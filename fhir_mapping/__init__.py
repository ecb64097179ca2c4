"""FHIR R4 JSON to PatientRecord: reads bytes, knows no guideline."""
