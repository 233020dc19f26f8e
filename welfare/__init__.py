"""Room kept ready for the welfare layer: households, programmes, aid accounts."""
