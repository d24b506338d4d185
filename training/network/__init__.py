"""The small network that reads both ways: its data, damage, model, training and export."""
