"""Inputs as streams: files near and far, tables row by row, documents, and the names that they get."""
