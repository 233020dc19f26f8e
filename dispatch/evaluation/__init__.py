"""The evaluation: named counts kept per case, formulas as data, tables that lead back to their cases (D6).

`facts.sql` computes what is counted of a case from its history; `keeping.py` keeps it; `counting.py` counts; `formulas.py` knows which
formulas are in force; `scoring.py` makes rates and scores; `figures.py` makes the tables.
"""
