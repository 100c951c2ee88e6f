"""Map tiles: geometry packed once, read from a memory map."""
