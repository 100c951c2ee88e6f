"""What the HTML pages show: view models, number and date words, the template environment."""
