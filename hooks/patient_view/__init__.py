"""The hook patient-view: a patient's record has just been opened."""
