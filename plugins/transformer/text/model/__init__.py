"""The decoder, its sampler, tokenizer and weights, readable without the rest; no Qt."""
