"""Where chats ask: no session and no form, only a signature. Each reads what came, and calls one thing."""
