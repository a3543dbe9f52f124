"""What holds while the program runs: services, crashes, memory, the session itself."""
