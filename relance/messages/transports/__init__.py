"""Ways out to the world: each takes finished messages and says, for each one, what the other side answered."""
