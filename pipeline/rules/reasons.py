"""What speaks for an edit, in words that a person understands at once."""

from __future__ import annotations

MANY = 6  # log10: what is likelier still is not told apart


def times(gain: float) -> str:
    """Return a gain in log10 as a reader's words: ``16 times``."""
    return f"{10**gain:,.0f} times" if gain < MANY else f"over {10**MANY:,} times"
