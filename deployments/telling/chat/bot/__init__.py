"""A bot in Microsoft Teams: what the Bot Connector sends is proven and answered, and what the bot says goes back there.

`believing` proves who sends, `activities` reads what, `pressing` decides, `placing` lets a conversation be told;
`cards` are what people see, and `connector` is the way out, which needs no database.
"""
