"""Counted series: reading, their time grid, and the tails of the distributions that bounds rest on."""
