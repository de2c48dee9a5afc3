"""Who came how far and who came back: counted over histories, wherever these are read from."""
