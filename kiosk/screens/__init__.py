"""What a citizen sees: each screen renders a model and says what was tapped; it decides nothing."""
