"""From buildings as points to ground that can be divided, one community at a time, by hand and by `divide`.

`parcels` cuts ground into one plot for each building; `land` finds the borders that plots share; `dividing` divides a
community and mends its plan after somebody moved a plot; `matching` keeps codes with the grids that keep most.
"""
