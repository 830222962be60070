"""The `chiaro` command."""
