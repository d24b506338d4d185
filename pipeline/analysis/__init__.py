"""What the corpus says: goals, targets, themes, copies, quality; pure functions from text to values."""
