"""Tests by kind: unit (no I/O), integration, acceptance, browser, benchmarks, house."""
