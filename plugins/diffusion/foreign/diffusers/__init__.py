"""Pipeline folders of the `diffusers` library, read and run."""
