"""What a kiosk runs on, compiled from everything that decides about it."""
