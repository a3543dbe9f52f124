"""Networks that forecast, and how paths are drawn from them, readable without the rest."""
