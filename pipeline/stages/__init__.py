"""One module per stage, named after what happens to a document; each has PASSES or run()."""
