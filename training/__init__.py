"""The virtual light stage, the networks in torch, training, export and evaluation."""
