"""How good exported networks are, through the product's own runtime, with a bar and a neighbour to each number."""
