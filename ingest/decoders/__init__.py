"""Decoders: one file for each form of payload. Each turns bytes into Telemetry or refuses them, and never fails otherwise."""
