"""Background work, device choice, seeding, checkpoints and the training skeleton, without Qt."""
