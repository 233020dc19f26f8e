"""The demonstration city: generator, loader and simulator."""
