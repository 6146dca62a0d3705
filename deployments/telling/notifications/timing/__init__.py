"""What time alone makes due: reminders, what was held back, weekly letters, and that nothing moves."""
