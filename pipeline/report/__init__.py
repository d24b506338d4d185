"""The report: a folder of pages that open offline, written from a cleaned corpus and its tables."""

MOST_DOCUMENTS = 2_000
"""Documents that are shown side by side, unless more are asked for."""
