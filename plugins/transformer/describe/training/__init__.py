"""How the describer learns, is measured, and what its card says; no Qt."""
