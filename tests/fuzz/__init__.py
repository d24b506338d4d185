"""Hostile text: what it is made of, the laws that hold for it all the same, and what drives it through the stages."""
