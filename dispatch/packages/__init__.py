"""Evidence packages for law enforcement (证据包, D10): what of a case is handed out, as a file that proves itself.

`gathering` (which files may go, each compared with its entry in the log first), `record` (what the record says; pure), `archive` (the
zip and its manifest), `checking` (a package compared with its own manifest), `keeping` (who handed what to whom, and why), `tables`.
Drawing and signing are wired in api/evidence_packages.py. Guide: docs/guide/evidence.md.
"""
