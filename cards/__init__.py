"""From an Assessment to the cards a clinician reads. Knows the guideline's texts and the record's verdicts, nothing of FHIR or HTTP."""
