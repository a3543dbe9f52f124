"""Figures by which models are judged, and the small classifiers that judge them."""
