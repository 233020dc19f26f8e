"""Networks of pipes and streets: what is joined to what, and what follows from it.

Pure: `graph` (arrays; up, down, connected part, shortest path), `segments` (what valves can shut off), `isolation` (which
valves to close for a burst, and who is without water), `topology` (rows of the register → nodes, edges, valves, findings).
Storage: `kinds` (which assets make which network), `reading` (rows out of the register), `store` (versions in the database),
`memory` (the current version in arrays). Use: `tracing` (answers for people), `findings` (the work list).
Exchange: `epanet` and `swmm` with their rules and writers.
"""
