"""Tables as data (sources in SOURCES.md) and their readers."""
