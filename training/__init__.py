"""How the models and tables of ``pipeline/lm`` are made. Needs the extra ``training`` and text to learn from."""
