"""Small controls of which panels and dialogs are built."""
