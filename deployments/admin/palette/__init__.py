"""One field that finds everything by what people call it, and leads to what they may do.

`asking` takes what was typed apart, `places` reads the few rows that everything is named by, each of `finding` and
`acting` answers with entries, and `ranking` puts the best group first. `page` is the door: it never does anything,
each action leads to the page that asks once more.
"""
