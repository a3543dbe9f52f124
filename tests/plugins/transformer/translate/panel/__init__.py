"""The panel of translations under the hand."""
