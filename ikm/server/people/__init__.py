"""How people come in and what they come in with: passwords, one-time codes, links, and the patience with wrong ones."""
