"""Small games: exact rules, drawing, and readers of pictures; numpy alone."""
