"""Clinical cases: one patient each, a few terse facts and what the guideline makes of them. `README.md` here explains the language."""
