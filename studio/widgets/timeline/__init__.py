"""The bar under a panel: transport, filmstrip or bars, scrubber with keyframes, and the tracks."""
