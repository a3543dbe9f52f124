"""LoRA files of other people."""
