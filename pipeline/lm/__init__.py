"""The language model: tokens, scoring, candidates, decoding, acceptance. Knows text and numbers, no documents."""
