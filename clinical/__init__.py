"""The vocabulary of the house: status, dates, codes, levels, the record and the assessment. Knows no guideline and no FHIR JSON."""
