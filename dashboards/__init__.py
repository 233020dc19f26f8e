"""What people look at: pages, templates, static files and the read models behind them. Nothing is written here."""
