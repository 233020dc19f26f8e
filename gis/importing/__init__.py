"""What cities really have, read into the one base: each import is a run in one transaction, with what it could not use."""
