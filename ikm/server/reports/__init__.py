"""What a unit's and a regency's answers add up to, and how the figures are written in Indonesian."""
