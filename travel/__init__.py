"""How long it takes to get somewhere: estimates from the distance, and what a routing engine says."""
