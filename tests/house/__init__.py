"""The house itself: layers, layout, documents, errors, permissions."""
