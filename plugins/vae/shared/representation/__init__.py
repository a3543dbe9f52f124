"""A map of everything: pictures encoded to places, laid out in the plane, and how well that keeps what is alike."""
