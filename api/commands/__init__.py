"""The subcommands of ./citycommand, one file per group; api/commands/registry.py lists them."""
