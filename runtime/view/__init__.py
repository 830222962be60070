"""View: the encoded surface as a camera sees it."""

from .view import view

__all__ = ["view"]
