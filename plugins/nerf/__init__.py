"""NeRF: scenes learnt from photos as radiance fields, drawn live from any side."""
