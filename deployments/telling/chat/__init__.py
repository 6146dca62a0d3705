"""Answers from a chat: Slack's buttons, Teams' buttons (`bot`) and sentences.

A workspace is believed by its secret, and an account there acts as the person who said on the page, signed in, that it
is theirs. What they say goes through `delivery.approvals` like everybody's: the chat gives nobody a right.
"""
