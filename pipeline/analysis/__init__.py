"""What the corpus says: goals, targets, themes, copies, quality."""
