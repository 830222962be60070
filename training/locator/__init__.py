"""The head locator and how it is trained."""
