"""The pages of gifts, funds, campaigns and appeals."""
