"""Who signs in to the demo: printed where it is started, offered on its sign-in page. No other settings know them."""

PEOPLE = (
    ("admin", "settings, people, everything but deciding"),
    ("manager", "asks for deployments, stops them, rolls back"),
    ("approver", "decides at gates"),
    ("viewer", "looks"),
)
PASSWORD = "demo"  # noqa: S105 - the demo listens on loopback only, and prints it
