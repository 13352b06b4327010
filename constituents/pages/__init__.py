"""What staff see of constituents, one module per resource."""
