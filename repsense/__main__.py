"""``python -m repsense`` is ``repsense``."""

from repsense.cli.main import main

if __name__ == "__main__":
    main()
