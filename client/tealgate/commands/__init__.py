"""What can be typed, a module for each thing."""
