"""Many documents: cut into shards, taken through the same passes by any engine, resumed where a run ended."""
