"""What models of pictures and of letters share: engine, panel, map, and the learning of both."""
