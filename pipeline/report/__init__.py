"""The report: a folder of pages that open offline, written from a cleaned corpus and its tables."""
