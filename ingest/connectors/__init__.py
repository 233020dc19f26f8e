"""Connectors: existing industry systems stay where they are and are read on a schedule, one-way (C6).

A connector is a row of ingest.connector, written by the operator of the machine from a TOML file (definition.py). A reader
(api.py, view.py, folder.py, topic.py) brings what the other system holds into a file, and the file goes through the same
import in steps as any other (api/exchange.py). schedule.py says when, and how late a system is.
"""
