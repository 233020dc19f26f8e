"""Helpers of the tests: database copies, waiting with a deadline."""
