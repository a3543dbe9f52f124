"""How the translator learns, is measured, and what its card says; no Qt."""
