"""Runs that are killed at random moments: the same command must come to what an undisturbed one does."""
