"""Long sessions of a random person at the real window: what leaks, stalls or fails comes to light."""
