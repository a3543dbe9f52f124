"""LoRA files of other people: small changes to the networks of a pipeline, by low-rank products (arXiv 2106.09685)."""
