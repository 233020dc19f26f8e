"""Who is responsible for what, where, when, and why (D4): rules as data, in sets that a second person approves.

facts.py, conditions.py, rules.py, deciding.py and gaps.py are pure. book.py prepares a set once and keeps it; store.py reads what is in
force; sets.py drafts, approves and rolls back; surroundings.py gathers the facts that do not stand on the report; corrections.py
learns from people; studies.py runs what takes long; words.py says all of it in both languages.
"""

from dispatch.routing.deciding import Decision, decide
from dispatch.routing.facts import Facts
from dispatch.routing.rules import Rule

__all__ = ["Decision", "Facts", "Rule", "decide"]
