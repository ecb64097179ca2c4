"""The decision table, all of it: every combination of nine statuses, against an oracle that one reading shows to be right."""
