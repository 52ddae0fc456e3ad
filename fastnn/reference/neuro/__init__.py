"""The twins of biological neurons: a step of each model, as its equations read."""
