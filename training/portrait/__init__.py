"""The portrait network and how it is trained."""
