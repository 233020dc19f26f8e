"""The only place where everything is wired together: application, command line, routes, instance."""
