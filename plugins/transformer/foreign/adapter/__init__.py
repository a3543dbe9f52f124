"""Low-rank adapters of other programs (PEFT): which model they belong to, and how their arrays lie in it."""
