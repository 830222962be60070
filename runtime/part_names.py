"""The names of the parts of a person, in the order of the portrait network."""

PARTS = ("skin", "lips", "brows", "eyes", "mouth", "hair", "clothing", "glasses")
"""Channels 1 to 8 of the portrait network's `parts` output; channel 0 is the background. Mouth is what lies behind the
lips. A network of eight channels counts glasses as clothing."""
