"""What is seen, touched and heard of sounds alone."""
