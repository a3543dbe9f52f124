"""Icons, scenes made of them with exact labels, and icons in two art styles."""
