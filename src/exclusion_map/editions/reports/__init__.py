"""Reports on areas and lists of them, one or side by side: words, figures, pictures, files."""
