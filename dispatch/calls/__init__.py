"""The hotline (12319): calls and who called, the knowledge base, handing over to emergency services, calling back (C4, S6)."""
