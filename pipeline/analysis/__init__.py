"""What a corpus says: figures, targets and goals in clean text; pure functions from text to values."""
