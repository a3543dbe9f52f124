"""XLNets and what they say of blanks, readable without the rest."""
