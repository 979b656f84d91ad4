"""`python -m tension.cli`."""

from tension.cli.main import main

main()
