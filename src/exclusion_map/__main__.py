"""``python -m exclusion_map`` is the command line."""

from exclusion_map.cli import main

if __name__ == "__main__":
    main()
