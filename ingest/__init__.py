"""MQTT in: decode, validate, store, detect. Knows nothing of cases; what it finds goes to the event log."""
