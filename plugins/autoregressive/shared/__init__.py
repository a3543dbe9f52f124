"""What two kinds of models of this family use."""
