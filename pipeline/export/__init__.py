"""What a run writes: tables, logs, the output folder."""
