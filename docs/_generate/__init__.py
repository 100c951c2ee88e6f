"""The documentation site: pages made from the code, put beside the written ones, and built."""
