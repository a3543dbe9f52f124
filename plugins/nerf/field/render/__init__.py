"""How a field is drawn: rays, samples, shading, and how large a picture may be; no Qt."""
