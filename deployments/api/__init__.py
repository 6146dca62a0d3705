"""The door for machines: /api/v1/. It parses what is asked, calls one service function and answers with values.

Who asks is a token, with a part of one person's rights. No token decides at a gate.
"""
