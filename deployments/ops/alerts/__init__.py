"""What whoever keeps Tealgate running is told of: raised once, told, and over once.

1. `conditions` says what is not well now, each as a value; by `certificates`, `credentials` and `database` those are
   known that no row tells.
2. `keeping` compares that with the alerts that are open. What is new is a row and an event, what is seen no more is
   over and an event; whoever is told by events hears it like any other.
3. The heartbeat looks. That there is none any more is seen by web (`web_watch`), which then tells it by itself.
"""
