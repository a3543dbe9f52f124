"""The radiance fields themselves: their shapes, networks and weights; no Qt."""
