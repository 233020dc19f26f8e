"""Notices on their way to people: in the pages, by mail, SMS, robots of chat systems and signed webhooks (issue 5)."""
