"""Reports of the tools: their answers as a page to print, a PDF or a Word file."""
