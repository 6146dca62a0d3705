"""Trust in a CI: made and ended by people (`making`), tried on a page (`judging`), and used by jobs (`exchange`).

What an ID token is, and whether it is proven, is `deployments/identity`.
"""
