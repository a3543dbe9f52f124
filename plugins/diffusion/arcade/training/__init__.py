"""How the network learns a game, and the figures of what it dreams."""
