"""Parameters, frames, recordings, errors, settings and paths, without torch and without Qt."""
