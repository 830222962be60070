"""The portrait model: dual encoders, tri-planes with linear light, and what steadies them in time."""
