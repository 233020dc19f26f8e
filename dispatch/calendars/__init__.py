"""When a city works: holidays, make-up days and working hours, in editions that are never changed (D5)."""
