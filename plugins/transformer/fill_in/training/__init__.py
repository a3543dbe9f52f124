"""How the encoder learns and is measured, and the recipe of the shipped one; no Qt."""
