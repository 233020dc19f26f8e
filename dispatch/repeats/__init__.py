"""Repeats (重复上报): the same thing reported again, found, added to its case, merged, split, and everybody who said it kept informed.

Pure: `scoring` (how alike two reports are, with weights from config/repeats.toml). `finding` fetches candidates and ranks them;
`voices` knows everybody who reported a case, through all that was merged into it. Merging and splitting are moves of the workflow.
Guide: docs/guide/repeats.md.
"""
