"""The parts screens are made of. They know sizes, colours and fingers, and nothing of what is asked."""
