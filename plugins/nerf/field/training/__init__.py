"""How a field is learnt from photos, measured, and the recipes; no Qt."""
