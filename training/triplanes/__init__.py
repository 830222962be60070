"""The portrait model: dual encoders, tri-planes with linear light, and the field they describe."""
