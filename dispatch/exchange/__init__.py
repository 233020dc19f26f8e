"""Tickets exchanged both ways with the city's 12345 (C4, D2): docs/guide/exchange-12345.md is the contract."""
