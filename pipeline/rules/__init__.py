"""Proposers: text in, edits out; grouped by subject, applied by nobody here."""
