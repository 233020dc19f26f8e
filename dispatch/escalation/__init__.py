"""Who is told when a limit runs down and runs over: a ladder of rungs, kept as data (D5)."""
