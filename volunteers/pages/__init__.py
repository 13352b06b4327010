"""The pages of volunteers, one module per resource."""
