"""Custody of evidence (证据存证): every file in an append-only log, each entry carrying the hash of the one before.

`tables` (the log), `entries` (what an entry says; pure), `walk` (log, rows and files compared), `heads` (the last hash of each day,
for somebody outside to keep). The database itself writes the log, in the transaction that stores the evidence
(gis/migrations/after_tables.sql). Guide: docs/guide/evidence.md.
"""
