"""The network, readable without the rest."""
