"""A city's past requests handed in again, at their moments on the virtual clock, and worked on by simulated people (D1, D5, D6).

`capacity` learns from the past how many people there are and how long work takes, `queues` lets them work, `play` makes them act
through the same use cases as the doors, `timing` drives the clock, `figures` puts the outcome beside what really happened.
"""
