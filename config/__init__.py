"""Room of what others may change: typed settings, the error tree, permissions, languages and the city's own tables."""
