"""Mail to officers: what wants their eye, once a day or a week."""
