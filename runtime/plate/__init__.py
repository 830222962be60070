"""Plates: stills, image sequences and movies read into scene-linear Rec.709."""
