"""Who signs in to the demo: printed where it is started, offered on its sign-in page. No other settings know them."""

PEOPLE = (
    ("admin", "Settings, people, everything but deciding"),
    ("manager", "Asks for deployments, stops them, rolls back"),
    ("approver", "Decides at gates"),
    ("viewer", "Looks at everything"),
)
PASSWORD = "demo"  # noqa: S105 - the demo listens on loopback only, and prints it
