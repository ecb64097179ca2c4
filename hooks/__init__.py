"""CDS Hooks: what is on the wire, which services there are, and what each does with a call. Knows no web framework."""
