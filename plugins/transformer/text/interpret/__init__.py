"""What is found inside a decoder: attention, logit lens, ablation, attribution, the tree of continuations."""
