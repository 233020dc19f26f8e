"""Lines of public transport with metres: their stops in order, a stretch of them, and where a place lies on them."""
