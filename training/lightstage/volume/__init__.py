"""Truth in space: signed distance, albedo and transport at points around a prepared person."""
