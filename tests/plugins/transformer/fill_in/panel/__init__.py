"""The panel of texts with gaps."""
