"""The named benchmarks of ./citycommand bench, and tests that they measure what they say."""
