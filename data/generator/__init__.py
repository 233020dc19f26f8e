"""A fictional city, made from a seed and a scale (see city.py)."""

from data.generator.city import DEFAULT_SCALE, DEFAULT_SEED, City, generate, street_lines

__all__ = ["DEFAULT_SCALE", "DEFAULT_SEED", "City", "generate", "street_lines"]
