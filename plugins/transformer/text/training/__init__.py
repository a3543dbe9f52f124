"""How decoders learn, are measured, and the recipes of the shipped ones; no Qt."""
