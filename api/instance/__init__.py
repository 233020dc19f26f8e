"""One running instance on this machine: its paths, ports, database cluster, broker and supervised processes."""
